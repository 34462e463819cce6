//! Decision trees: how their attributes are read, and the way of a sample through them.

use std::collections::HashMap;

use crate::eval::wide::wide;
use crate::eval::{Call, Failure};

/// All trees of an operator.
pub(super) struct Forest {
    nodes: Vec<Node>,
    roots: Vec<usize>,
    /// What the leaves say.
    pub(super) votes: Vec<Vote>,
}

/// What a leaf adds to one target or class.
#[derive(Clone, Copy)]
pub(super) struct Vote {
    pub(super) target: usize,
    pub(super) weight: f64,
}

enum Node {
    /// A range of the votes.
    Leaf {
        from: usize,
        to: usize,
    },
    Branch {
        feature: usize,
        test: Test,
        missing: bool,
        yes: usize,
        no: usize,
    },
}

/// What a feature is asked.
#[derive(Clone)]
enum Test {
    AtMost(f64),
    Below(f64),
    AtLeast(f64),
    Above(f64),
    Is(f64),
    IsNot(f64),
    Member(Vec<f64>),
}

impl Forest {
    /// The number of trees.
    pub(super) fn trees(&self) -> usize {
        self.roots.len()
    }

    /// The votes of each tree's leaf for a sample.
    pub(super) fn leaves<'a>(
        &'a self,
        sample: &'a [f64],
    ) -> impl Iterator<Item = Result<&'a [Vote], Failure>> + 'a {
        self.roots.iter().map(|&root| self.leaf(root, sample))
    }

    fn leaf(&self, root: usize, sample: &[f64]) -> Result<&[Vote], Failure> {
        let mut at = root;
        // A way longer than there are nodes goes round in circles.
        for _ in 0..=self.nodes.len() {
            match self.nodes.get(at) {
                Some(Node::Leaf { from, to }) => return Ok(&self.votes[*from..*to]),
                Some(Node::Branch { feature, test, missing, yes, no }) => {
                    let Some(&x) = sample.get(*feature) else {
                        return Failure::invalid(format!("feature {feature} of {}", sample.len()));
                    };
                    at = if test.holds(x, *missing)? { *yes } else { *no };
                }
                None => break,
            }
        }
        Failure::invalid("a tree has a circle")
    }

    /// The trees of `TreeEnsembleClassifier` and `TreeEnsembleRegressor`, whose attributes of
    /// votes begin with `votes`: `class` or `target`.
    pub(super) fn with_leaves_as_nodes(call: &Call<'_>, votes: &str) -> Result<Self, Failure> {
        let (trees, numbers) = (list(call, "nodes_treeids")?, list(call, "nodes_nodeids")?);
        let modes = call.texts("nodes_modes")?.unwrap_or_default();
        let (yes, no) = (list(call, "nodes_truenodeids")?, list(call, "nodes_falsenodeids")?);
        let features = list(call, "nodes_featureids")?;
        let missing = list(call, "nodes_missing_value_tracks_true")?;
        let values = numbers_of(call, "nodes_values")?.unwrap_or_default();
        let count = trees.len();
        let lengths = [numbers.len(), modes.len(), yes.len(), no.len(), features.len(), values.len()];
        if lengths.iter().any(|&n| n != count) || !(missing.is_empty() || missing.len() == count) {
            return Failure::invalid("the lists of nodes have different lengths");
        }
        let mut places = HashMap::with_capacity(count);
        let mut roots = Vec::new();
        let mut last = None;
        for (at, key) in trees.iter().copied().zip(numbers).enumerate() {
            if places.insert(key, at).is_some() {
                return Failure::invalid(format!("tree {} has node {} twice", key.0, key.1));
            }
            if last != Some(key.0) {
                roots.push((at, key.0));
            }
            last = Some(key.0);
        }
        let mut seen = std::collections::HashSet::new();
        if roots.iter().any(|&(_, tree)| !seen.insert(tree)) {
            return Failure::unsupported("the nodes of a tree are not side by side");
        }
        let (votes, ranges) = leaves(call, votes, &places, count)?;
        let mut nodes = crate::eval::elements::room(count)?;
        for at in 0..count {
            let child = |number: i64| match places.get(&(trees[at], number)) {
                Some(&place) => Ok(place),
                None => Failure::invalid(format!("tree {} has no node {number}", trees[at])),
            };
            nodes.push(if modes[at] == "LEAF" {
                Node::Leaf { from: ranges[at].0, to: ranges[at].1 }
            } else {
                Node::Branch {
                    feature: index(features[at])?,
                    test: Test::of(&modes[at], values[at])?,
                    missing: missing.get(at).is_some_and(|&n| n != 0),
                    yes: child(yes[at])?,
                    no: child(no[at])?,
                }
            });
        }
        Ok(Forest { nodes, roots: roots.into_iter().map(|(at, _)| at).collect(), votes })
    }

    /// The trees of `TreeEnsemble`.
    pub(super) fn with_separate_leaves(call: &Call<'_>) -> Result<Self, Failure> {
        let modes = match call.tensor("nodes_modes")? {
            Some(modes) => crate::eval::elements::view::<u8>(modes.array()?)?.into_owned(),
            None => return Failure::invalid("nodes_modes is missing"),
        };
        let values = numbers_of(call, "nodes_splits")?.unwrap_or_default();
        let (yes, no) = (list(call, "nodes_truenodeids")?, list(call, "nodes_falsenodeids")?);
        let (yes_leaf, no_leaf) = (list(call, "nodes_trueleafs")?, list(call, "nodes_falseleafs")?);
        let features = list(call, "nodes_featureids")?;
        let missing = list(call, "nodes_missing_value_tracks_true")?;
        let count = modes.len();
        let lengths = [values.len(), yes.len(), no.len(), yes_leaf.len(), no_leaf.len(), features.len()];
        if lengths.iter().any(|&n| n != count) || !(missing.is_empty() || missing.len() == count) {
            return Failure::invalid("the lists of nodes have different lengths");
        }
        let (targets, weights) =
            (list(call, "leaf_targetids")?, numbers_of(call, "leaf_weights")?.unwrap_or_default());
        if targets.len() != weights.len() {
            return Failure::invalid("the lists of leaves have different lengths");
        }
        let mut sets = members(call)?.into_iter();
        let mut nodes = Vec::new();
        for at in 0..count {
            let child = |number: i64, leaf: i64| {
                let (first, limit) = if leaf != 0 { (count, targets.len()) } else { (0, count) };
                match usize::try_from(number) {
                    Ok(number) if number < limit => Ok(first + number),
                    _ => Failure::invalid(format!("there is no node or leaf {number}")),
                }
            };
            let test = match modes[at] {
                6 => Test::Member(sets.next().ok_or_else(|| {
                    Failure::Invalid("membership_values has fewer sets than there are nodes that ask".into())
                })?),
                mode => Test::of(MODES.get(usize::from(mode)).unwrap_or(&""), values[at])?,
            };
            let missing = missing.get(at).is_some_and(|&n| n != 0);
            let (yes, no) = (child(yes[at], yes_leaf[at])?, child(no[at], no_leaf[at])?);
            nodes.push(Node::Branch { feature: index(features[at])?, test, missing, yes, no });
        }
        nodes.extend((0..targets.len()).map(|at| Node::Leaf { from: at, to: at + 1 }));
        let votes: Result<Vec<_>, _> = targets
            .iter()
            .zip(weights)
            .map(|(&target, weight)| Ok(Vote { target: index(target)?, weight }))
            .collect();
        let roots: Result<Vec<_>, _> = list(call, "tree_roots")?.into_iter().map(index).collect();
        let roots = roots?;
        if roots.iter().any(|&root| root >= count) {
            return Failure::invalid("a root is not a node");
        }
        Ok(Forest { nodes, roots, votes: votes? })
    }
}

const MODES: &[&str] = &["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

impl Test {
    fn of(mode: &str, value: f64) -> Result<Self, Failure> {
        Ok(match mode {
            "BRANCH_LEQ" => Test::AtMost(value),
            "BRANCH_LT" => Test::Below(value),
            "BRANCH_GTE" => Test::AtLeast(value),
            "BRANCH_GT" => Test::Above(value),
            "BRANCH_EQ" => Test::Is(value),
            "BRANCH_NEQ" => Test::IsNot(value),
            _ => return Failure::invalid(format!("nodes have no mode `{mode}`")),
        })
    }

    /// The answer for a value; for NaN it is `missing`.
    fn holds(&self, x: f64, missing: bool) -> Result<bool, Failure> {
        if x.is_nan() {
            return match self {
                Test::IsNot(_) if !missing => {
                    Failure::unsupported("BRANCH_NEQ of NaN differs between runtimes")
                }
                _ => Ok(missing),
            };
        }
        Ok(match self {
            Test::AtMost(value) => x <= *value,
            Test::Below(value) => x < *value,
            Test::AtLeast(value) => x >= *value,
            Test::Above(value) => x > *value,
            Test::Is(value) => x == *value,
            Test::IsNot(value) => x != *value,
            Test::Member(values) => values.contains(&x),
        })
    }
}

/// The votes, and which of them are those of each node.
#[allow(clippy::type_complexity)]
fn leaves(
    call: &Call<'_>,
    prefix: &str,
    places: &HashMap<(i64, i64), usize>,
    count: usize,
) -> Result<(Vec<Vote>, Vec<(usize, usize)>), Failure> {
    let (trees, numbers) =
        (list(call, &format!("{prefix}_treeids"))?, list(call, &format!("{prefix}_nodeids"))?);
    let targets = list(call, &format!("{prefix}_ids"))?;
    let weights = numbers_of(call, &format!("{prefix}_weights"))?.unwrap_or_default();
    if [numbers.len(), targets.len(), weights.len()].iter().any(|&n| n != trees.len()) {
        return Failure::invalid("the lists of votes have different lengths");
    }
    let mut all = Vec::with_capacity(trees.len());
    for ((key, target), weight) in trees.into_iter().zip(numbers).zip(targets).zip(weights) {
        let Some(&at) = places.get(&key) else {
            return Failure::invalid(format!(
                "a vote of node {} in tree {}, which is not there",
                key.1, key.0
            ));
        };
        all.push((at, Vote { target: index(target)?, weight }));
    }
    all.sort_by_key(|&(at, _)| at);
    let mut ranges = vec![(0, 0); count];
    let mut from = 0;
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        ranges[group[0].0] = (from, from + group.len());
        from += group.len();
    }
    Ok((all.into_iter().map(|(_, vote)| vote).collect(), ranges))
}

/// The sets of `membership_values`, each of which a NaN ends.
fn members(call: &Call<'_>) -> Result<Vec<Vec<f64>>, Failure> {
    let values = numbers_of(call, "membership_values")?.unwrap_or_default();
    let mut sets: Vec<Vec<f64>> = values.split(|x| x.is_nan()).map(<[f64]>::to_vec).collect();
    // What follows the last NaN.
    sets.pop_if(|rest| rest.is_empty());
    Ok(sets)
}

/// A list of integers that may be left out.
pub(super) fn list(call: &Call<'_>, name: &str) -> Result<Vec<i64>, Failure> {
    Ok(call.ints(name)?.unwrap_or_default())
}

/// A list of numbers as an attribute of floats, or as a tensor of this name or with the suffix
/// `_as_tensor`.
pub(super) fn numbers_of(call: &Call<'_>, name: &str) -> Result<Option<Vec<f64>>, Failure> {
    let suffixed = format!("{name}_as_tensor");
    if call.has(&suffixed) {
        if call.has(name) {
            return Failure::invalid(format!("{name} and {suffixed}"));
        }
        return call.tensor(&suffixed)?.map(|value| wide(value.array()?)).transpose();
    }
    // TreeEnsemble has tensors under the plain name.
    match call.floats(name) {
        Ok(list) => Ok(list.map(|list| list.into_iter().map(f64::from).collect())),
        Err(_) => call.tensor(name)?.map(|value| wide(value.array()?)).transpose(),
    }
}

fn index(n: i64) -> Result<usize, Failure> {
    usize::try_from(n).map_err(|_| Failure::Invalid(format!("the negative number {n} of a feature or class")))
}
