"""Prompts that share no wording: grouped by meaning, then by the traffic that carries them.

Meaning alone shatters an open chat into its topics. So k-means first makes small clusters of like texts, and
clusters are then joined when their traffic looks alike: same keys, models, number of turns and answer lengths.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

SAMPLE = 20_000  # distinct texts that are clustered; the others go to the nearest centre
TEXTS_A_CLUSTER = 60
MOST_CLUSTERS = 24
ALIKE = 0.2  # mean Jensen-Shannon divergence (bits) below which two clusters carry the same traffic
NEARLY_ALL = 0.95  # of a key's free-form calls in one group: the rest are outliers
SEED = 20261124


@dataclass(frozen=True)
class Traffic:
    """Calls of the free-form rest, one entry a group of like calls.

    text: index of the distinct text; the traits are small closed categories; calls is how many.
    """

    text: NDArray[np.int64]
    traits: Sequence[NDArray[np.int64]]
    calls: NDArray[np.float64]


def group_by_meaning(embeddings: NDArray[np.float32], traffic: Traffic) -> NDArray[np.int64]:
    """A group number for each distinct text [texts], numbered by size, largest first.

    embeddings: unit vectors [texts, dimensions].
    """
    clusters = _cluster(embeddings)
    count = int(clusters.max()) + 1 if len(clusters) else 0
    if count < 2:
        return np.zeros(len(embeddings), dtype=np.int64)
    distances = np.mean([_divergences(clusters, count, traffic, trait) for trait in traffic.traits], axis=0)
    tree = linkage(squareform(distances, checks=False), method="average")
    joined = fcluster(tree, t=ALIKE, criterion="distance") - 1
    groups = joined[clusters]
    calls = np.bincount(groups[traffic.text], weights=traffic.calls, minlength=int(groups.max()) + 1)
    rank = np.empty(len(calls), dtype=np.int64)
    rank[np.argsort(-calls, kind="stable")] = np.arange(len(calls))
    ranked: NDArray[np.int64] = rank[groups]
    return ranked


def follow_trait(groups: NDArray[np.int64], traffic: Traffic, trait: NDArray[np.int64]) -> NDArray[np.int64]:
    """Outliers follow the key they came with: where nearly all calls of one trait value are in one group,
    the few texts of that value that meaning put elsewhere join it."""
    table = np.zeros((int(trait.max()) + 1, int(groups.max()) + 1))
    np.add.at(table, (trait, groups[traffic.text]), traffic.calls)
    home = np.where(table.max(axis=1) >= NEARLY_ALL * table.sum(axis=1), table.argmax(axis=1), -1)
    homes: list[set[int]] = [set() for _ in groups]
    for text, value in zip(traffic.text, trait, strict=True):
        homes[text].add(int(home[value]))
    return np.array(
        [only.pop() if len(only) == 1 and -1 not in only else own for only, own in zip(homes, groups, strict=True)]
    )


def _cluster(embeddings: NDArray[np.float32]) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans

    count = min(MOST_CLUSTERS, len(embeddings) // TEXTS_A_CLUSTER)
    if count < 2:
        return np.zeros(len(embeddings), dtype=np.int64)
    model = KMeans(n_clusters=count, n_init=2, random_state=SEED).fit(embeddings[:SAMPLE])
    found: NDArray[np.int64] = model.predict(embeddings).astype(np.int64)
    return found


def _divergences(
    clusters: NDArray[np.int64], count: int, traffic: Traffic, trait: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Jensen-Shannon divergence between the clusters' distributions of one trait [clusters, clusters], in bits."""
    kinds = int(trait.max()) + 1
    table = np.bincount(clusters[traffic.text] * kinds + trait, weights=traffic.calls, minlength=count * kinds)
    shares: NDArray[np.float64] = table.reshape(count, kinds).astype(np.float64) + 1e-12
    shares /= shares.sum(axis=1, keepdims=True)
    mixture: NDArray[np.float64] = (shares[:, None, :] + shares[None, :, :]) / 2
    own = _entropy(shares)
    divergence: NDArray[np.float64] = np.maximum(_entropy(mixture) - (own[:, None] + own[None, :]) / 2, 0.0)
    np.fill_diagonal(divergence, 0.0)
    return divergence


def _entropy(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    entropy: NDArray[np.float64] = -(shares * np.log2(shares)).sum(axis=-1)
    return entropy
