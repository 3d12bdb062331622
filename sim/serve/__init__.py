"""The server: a visitor changes a plan in the browser and sees the answer sharpen as runs come in.

`plan` makes a schedule from what a visitor sets, `work` makes the runs and keeps them for whoever asks for
the same, `visit` holds what one visitor has, `save` makes what can be taken along, `web` speaks HTTP. The
page is that of the explorer (`sim.explore`) with a panel of its own (panel.html, live.js, live.css). Nothing
is written to the disk but a temporary folder, while a briefing is made.
"""
