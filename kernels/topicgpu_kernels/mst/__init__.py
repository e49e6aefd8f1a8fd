"""The minimum spanning tree of the mutual reachability graph."""
