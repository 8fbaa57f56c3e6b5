"""Proves a suite before it grades anybody: mutants, known mistakes, right answers, symmetries, margins."""
