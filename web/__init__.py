"""The aiohttp application: what residents' browsers and other programs talk to."""
