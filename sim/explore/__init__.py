"""The explorer: one HTML file in which two schedules are looked at side by side, week by week.

`assumptions` chooses what is tried besides the case as it is, `runs` makes the runs, `content` gathers what
the page holds, `words` makes the sentences that follow the slider, `page` puts the file together. The page
itself is in page.html, page.css and the scripts beside them; `words.js` says the same as `words.py`, and the
tests hold one to the other.
"""
