"""Pictures as text: a network on a map, a question's way, the matrix of pairs, a page of all.

No module here does I/O. What is drawn needs no network to be shown: no script, font or image
comes from elsewhere. Colour is never the only sign: a shape, a word or a title says the same.
"""
