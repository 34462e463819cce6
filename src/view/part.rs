//! A part of a graph: around some nodes, or between some and others.

use super::shown::{ViewEdge, ViewNode};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{Glob, nearest};

/// Which part to show.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The nodes to show, with those around them; empty for all.
    pub focus: Vec<Glob>,
    /// How many edges away from them.
    pub hops: usize,
    /// Only what is computed from these; empty for all.
    pub from: Vec<Glob>,
    /// Only what these are computed from; empty for all.
    pub to: Vec<Glob>,
    /// Only what stands in the file from the first node of the first name to the last one
    /// of the second.
    pub range: Option<(Glob, Glob)>,
}

impl Part {
    /// Whether everything is shown.
    pub fn is_all(&self) -> bool {
        self.focus.is_empty() && self.from.is_empty() && self.to.is_empty() && self.range.is_none()
    }

    /// For each node whether it is shown.
    ///
    /// # Errors
    /// If a pattern is the name of no node and of no scope.
    pub(super) fn keep(&self, nodes: &[ViewNode<'_>], edges: &[ViewEdge]) -> Result<Vec<bool>> {
        let mut keep = vec![true; nodes.len()];
        if !self.focus.is_empty() {
            keep = near(matching(&self.focus, nodes)?, edges, self.hops);
        }
        for (patterns, forwards) in [(&self.from, true), (&self.to, false)] {
            if !patterns.is_empty() {
                let reached = reach(matching(patterns, nodes)?, edges, forwards);
                keep.iter_mut().zip(reached).for_each(|(keep, reached)| *keep &= reached);
            }
        }
        if let Some((first, last)) = &self.range {
            let first = matching(std::slice::from_ref(first), nodes)?.iter().position(|&found| found);
            let last = matching(std::slice::from_ref(last), nodes)?.iter().rposition(|&found| found);
            let (first, last) = (first.unwrap_or(0), last.unwrap_or(nodes.len()));
            keep.iter_mut().enumerate().for_each(|(i, keep)| *keep &= (first..=last).contains(&i));
        }
        Ok(keep)
    }
}

/// The nodes that a pattern names, or a scope around them that it names.
fn matching(patterns: &[Glob], nodes: &[ViewNode<'_>]) -> Result<Vec<bool>> {
    let mut found = vec![false; nodes.len()];
    for pattern in patterns {
        let mut any = false;
        for (found, node) in found.iter_mut().zip(nodes) {
            let name = node.name.trim_matches('/');
            let scopes = name.match_indices('/').map(|(at, _)| &name[..at]);
            if pattern.matches(&node.name)
                || pattern.matches(&node.short_name)
                || scopes.chain([name]).any(|part| pattern.matches(part))
            {
                *found = true;
                any = true;
            }
        }
        if !any {
            return Err(no_match(pattern, nodes));
        }
    }
    Ok(found)
}

fn no_match(pattern: &Glob, nodes: &[ViewNode<'_>]) -> Error {
    let pattern = pattern.to_string();
    let error = Error::new(ErrorKind::Usage, format!("no node and no scope is named `{pattern}`"));
    let names = nodes.iter().flat_map(|node| [node.name.as_str(), node.short_name.as_str()]);
    let error = match nearest(&pattern, names.filter(|name| !name.is_empty())) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    };
    error.hint("`info` lists the names of all nodes; `*` stands for any part of one")
}

/// With the nodes so many edges away, in both directions.
fn near(mut found: Vec<bool>, edges: &[ViewEdge], hops: usize) -> Vec<bool> {
    for _ in 0..hops.min(found.len()) {
        let mut next = found.clone();
        for edge in edges {
            if found[edge.from] || found[edge.to] {
                next[edge.from] = true;
                next[edge.to] = true;
            }
        }
        if next == found {
            break;
        }
        found = next;
    }
    found
}

/// With all that can be reached along the edges, or against them.
fn reach(mut found: Vec<bool>, edges: &[ViewEdge], forwards: bool) -> Vec<bool> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); found.len()];
    for edge in edges {
        let (a, b) = if forwards { (edge.from, edge.to) } else { (edge.to, edge.from) };
        next[a].push(b);
    }
    let mut todo: Vec<usize> = (0..found.len()).filter(|&n| found[n]).collect();
    while let Some(n) = todo.pop() {
        for &m in &next[n] {
            if !std::mem::replace(&mut found[m], true) {
                todo.push(m);
            }
        }
    }
    found
}
