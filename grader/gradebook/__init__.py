"""Keeps Grades: every attempt, result, mark by hand and extension of one assignment; nothing is overwritten."""
