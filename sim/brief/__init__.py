"""The briefing of a comparison: one page to forward and an annex, in English or French, as HTML or PDF.

`content` says what stands in it, as a tree of typed pieces without a language or a format; `html` and
`typeset` set that tree; `language` turns its sentences and numbers into words. Sentences are templates with
typed slots (`sentences`), and each carries the claims it makes, so that tests recompute them.
"""
