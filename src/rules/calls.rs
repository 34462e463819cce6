//! Which functions of a model call which, and how many nodes that makes.

use crate::model::{Functions, Graph, Model};

/// The calls of a model's functions.
#[derive(Debug)]
pub(super) struct Calls {
    /// Whether each function calls itself, or one that does, in the order of the model.
    pub(super) endless: Vec<bool>,
    /// The number of nodes with the bodies of functions in the place of their calls; functions
    /// that call themselves are counted as if they did so once.
    pub(super) expanded: u64,
}

impl Calls {
    pub(super) fn of(model: &Model) -> Self {
        let functions = &model.functions;
        let calls: Vec<Vec<usize>> = functions.iter().map(|f| called(functions, &f.graph)).collect();
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
        for (i, inner) in calls.iter().enumerate() {
            inner.iter().for_each(|&j| callers[j].push(i));
        }
        // How many nodes each stands for, beginning with those that call no others.
        let own = |graph: &Graph| graph.ops().count() as u64;
        let mut size: Vec<u64> = model.functions.iter().map(|f| own(&f.graph)).collect();
        let mut open: Vec<usize> = calls.iter().map(Vec::len).collect();
        let mut ready: Vec<usize> = (0..calls.len()).filter(|&i| open[i] == 0).collect();
        while let Some(done) = ready.pop() {
            for &caller in &callers[done] {
                size[caller] = size[caller].saturating_add(size[done]);
                open[caller] -= 1;
                if open[caller] == 0 {
                    ready.push(caller);
                }
            }
        }
        let main = called(functions, &model.graph);
        let expanded = main.iter().map(|&i| size[i]).fold(own(&model.graph), u64::saturating_add);
        Calls { endless: open.iter().map(|&open| open > 0).collect(), expanded }
    }
}

/// The functions that a graph calls, its subgraphs included; one entry for each call.
fn called(functions: &Functions, graph: &Graph) -> Vec<usize> {
    let mut calls = Vec::new();
    if functions.is_empty() {
        return calls;
    }
    let mut todo = vec![graph];
    while let Some(graph) = todo.pop() {
        for (_, _, op) in graph.ops() {
            calls.extend(functions.called(op));
            todo.extend(op.attributes.iter().flat_map(|a| a.value.graphs()));
        }
    }
    calls
}
