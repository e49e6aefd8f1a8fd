"""Part of a graph: the edges between some of its rows."""

import numpy as np
from scipy import sparse

from topicgpu.ops.among import among

GRAPH = sparse.csr_array(np.array([[0, 1, 2], [1, 0, 0], [2, 0, 0]]))


def test_edges_between_the_rows_stay():
    assert among(GRAPH, np.array([0, 2])).toarray().tolist() == [[0, 2], [2, 0]]
    assert among(GRAPH, np.array([1, 2])).nnz == 0


def test_all_rows_are_the_graph_itself():
    assert among(GRAPH, np.arange(3)) is GRAPH
