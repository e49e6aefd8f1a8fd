// One round of Boruvka over the neighbor lists of n rows: plan.py says in which order, README.md why it is exact.
//
// Distances and weights are float64, not negative, and only compared: kernels see their bits, whose order as unsigned
// numbers is the same. So no kernel rounds, and the tree is the CPU's to the last bit. Lists are stored slot by slot
// (neighbors[slot * n + row]), so that threads of a warp read one stretch of memory.
//
// component[row] is a row of the same component, its root; a root is its own. Of a round's keys, those at a root count.

typedef unsigned long long Key;

#define NONE 0xffffffffffffffffULL

__device__ int this_row() { return (int)(blockIdx.x * blockDim.x + threadIdx.x); }

// Keys at a component only fall, so one that is not below an earlier value needs no atomic. __ldcg reads where atomics write.
__device__ void offer(Key* least, Key key) {
    if (key < __ldcg(least)) atomicMin(least, key);
}

__device__ Key larger(Key a, Key b) { return a > b ? a : b; }

// The order of edges: weight, then distance, then the lower row, then the other. Each of three kernels settles one part of it.
__device__ Key weigh(const Key* core, int row, int other, Key distance) {
    return larger(distance, larger(core[row], core[other]));
}

__device__ Key name(int row, int other) {
    return row < other ? (Key)row << 32 | (Key)other : (Key)other << 32 | (Key)row;
}

extern "C" __global__ void least_weight(const int* neighbors, const Key* distances, const Key* core, const Key* reach,
                                        const int* component, Key* weights, Key* reaches, int n, int k) {
    int row = this_row();
    if (row >= n) return;
    int own = component[row];
    Key least = NONE;
    for (int slot = 0; slot < k; slot++) {
        long long entry = (long long)slot * n + row;
        int other = neighbors[entry], far = component[other];
        if (far == own) continue;
        Key weight = weigh(core, row, other, distances[entry]);
        least = weight < least ? weight : least;
        offer(&weights[far], weight);
    }
    if (least != NONE) offer(&weights[own], least);
    offer(&reaches[own], reach[row]);
}

extern "C" __global__ void least_distance(const int* neighbors, const Key* distances, const Key* core,
                                          const int* component, const Key* weights, Key* spans, int n, int k) {
    int row = this_row();
    if (row >= n) return;
    int own = component[row];
    for (int slot = 0; slot < k; slot++) {
        long long entry = (long long)slot * n + row;
        int other = neighbors[entry], far = component[other];
        if (far == own) continue;
        Key weight = weigh(core, row, other, distances[entry]);
        if (weight == weights[own]) offer(&spans[own], distances[entry]);
        if (weight == weights[far]) offer(&spans[far], distances[entry]);
    }
}

extern "C" __global__ void least_edge(const int* neighbors, const Key* distances, const Key* core, const int* component,
                                      const Key* weights, const Key* spans, Key* edges, int n, int k) {
    int row = this_row();
    if (row >= n) return;
    int own = component[row];
    for (int slot = 0; slot < k; slot++) {
        long long entry = (long long)slot * n + row;
        int other = neighbors[entry], far = component[other];
        if (far == own) continue;
        Key weight = weigh(core, row, other, distances[entry]);
        if (weight == weights[own] && distances[entry] == spans[own]) offer(&edges[own], name(row, other));
        if (weight == weights[far] && distances[entry] == spans[far]) offer(&edges[far], name(row, other));
    }
}

// Rows beyond a component's lists are no nearer than the least reach of its rows.
__device__ bool certain(const Key* weights, const Key* reaches, int root) { return weights[root] < reaches[root]; }

// Each component that is certain points to the other end of its edge. Two may choose the same edge: the lower one stays.
extern "C" __global__ void hook(const int* component, const Key* weights, const Key* reaches, const Key* edges, int* parent,
                                Key* chosen, int n) {
    int row = this_row();
    if (row >= n || component[row] != row) return;
    parent[row] = row;
    if (!certain(weights, reaches, row)) return;
    Key edge = edges[row];
    int low = component[(int)(edge >> 32)], high = component[(int)(edge & 0xffffffffULL)];
    int far = low == row ? high : low;
    bool both = certain(weights, reaches, far) && edges[far] == edge;
    if (!both || far < row) parent[row] = far;
    if (!both || row < far) chosen[row] = edge;
}

// Half of the way to the root, into another array: what one thread reads no other writes.
extern "C" __global__ void jump(const int* component, const int* parent, int* next, int n) {
    int row = this_row();
    if (row >= n || component[row] != row) return;
    next[row] = parent[parent[row]];
}

extern "C" __global__ void relabel(const int* parent, int* component, int n) {
    int row = this_row();
    if (row >= n) return;
    component[row] = parent[component[row]];
}
