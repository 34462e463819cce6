"""Strings."""

from draw import recipe


@recipe("StringConcat")
def concat(d, n):
    a = d.take("string")
    return [a, d.take("string", d.to_broadcast(a.shape))], {}


@recipe("StringSplit")
def split(d, n):
    return [d.take("string", high=2)], d.optional({"delimiter": lambda: d.pick([",", " ", "o"]), "maxsplit": lambda: d.int(1, 2)}), 2


@recipe("RegexFullMatch")
def regex(d, n):
    return [d.take("string")], {"pattern": d.pick(["[a-z]+", ".*", "[A-Z]?og", "\\d", "a|b"])}


@recipe("StringNormalizer")
def normalizer(d, n):
    x = d.take(
        "string", low=1, high=2, fits=lambda s: len(s) == 1 or s[0] == 1, make=lambda: (d.int(1, 5),) if d.chance() else (1, d.int(1, 5))
    )
    return [x], d.optional(
        {
            "case_change_action": lambda: d.pick(["NONE", "LOWER", "UPPER"]),
            "is_case_sensitive": lambda: d.int(0, 1),
            "stopwords": lambda: ["the", "a"],
        }
    )


@recipe("TfIdfVectorizer")
def tfidf(d, n):
    words = n.dtype(0) == "string"
    x = d.take(n.dtype(0), low=1, high=2, fits=lambda s: 0 not in s, make=lambda: d.full(1, 2))
    pool = ["a", "b", "cat", "the", "a", "b"] if words else [1, 2, 3, 4, 1, 2]
    attributes = {
        "mode": d.pick(["TF", "IDF", "TFIDF"]),
        "min_gram_length": 1,
        "max_gram_length": d.int(1, 2),
        "max_skip_count": d.int(0, 2),
        "ngram_counts": [0, 4],
        "ngram_indexes": [0, 1, 2, 3, 4],
    }
    attributes["pool_strings" if words else "pool_int64s"] = pool
    if d.chance():
        attributes["weights"] = [0.5, 1.0, 2.0, 0.25, 3.0]
    return [x], attributes
