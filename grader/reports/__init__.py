"""Makes Reports: one module a family of formats, each a pure function of grades and the key's visible part."""
