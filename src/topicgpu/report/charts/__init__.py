"""Charts: Vega-Lite drawn inside this process, and the SVG that a page can hold."""
