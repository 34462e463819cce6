//! The rules, one file each.
//!
//! A rule is its file and its two lines here: the module, and its place in the table. The table
//! goes from family to family, and by identifier in each.

mod batch_statistics;
mod clashing_name;
mod contradicting_types;
mod cycle;
mod deprecated_operator;
mod double_softmax;
mod duplicate_attribute;
mod duplicate_node_name;
mod duplicate_opset;
mod duplicate_result;
mod empty_graph;
mod external_path;
mod fixed_dimension;
mod function_expansion;
mod function_recursion;
mod ill_formed;
mod ir_version;
mod lambda;
mod large_file;
mod large_image;
mod missing_operator;
mod missing_opset;
mod no_weights;
mod operand_types;
mod orphan_type;
mod random_results;
mod shadowing;
mod subclassed;
mod tensor_length;
mod tensor_size;
mod too_many_calls;
mod training_info;
mod two_contents;
mod undefined_operand;
mod undefined_output;
mod unfit_attributes;
mod unfit_operands;
mod unfit_slots;
mod unknown_data_type;
mod unknown_operator;
mod unknown_opset;
mod unknown_weight;
mod unreadable_weights;
mod unsorted;
mod untyped_input;
mod weights_alone;

use super::Rule;

/// All rules, those of a family beside each other.
pub const RULES: &[Rule] = &[
    ill_formed::RULE,
    duplicate_result::RULE,
    undefined_operand::RULE,
    undefined_output::RULE,
    unsorted::RULE,
    cycle::RULE,
    duplicate_node_name::RULE,
    clashing_name::RULE,
    shadowing::RULE,
    function_recursion::RULE,
    function_expansion::RULE,
    empty_graph::RULE,
    ir_version::RULE,
    duplicate_opset::RULE,
    unknown_opset::RULE,
    missing_opset::RULE,
    duplicate_attribute::RULE,
    missing_operator::RULE,
    unknown_operator::RULE,
    deprecated_operator::RULE,
    unknown_data_type::RULE,
    unfit_operands::RULE,
    unfit_attributes::RULE,
    unfit_slots::RULE,
    operand_types::RULE,
    random_results::RULE,
    batch_statistics::RULE,
    untyped_input::RULE,
    contradicting_types::RULE,
    orphan_type::RULE,
    fixed_dimension::RULE,
    tensor_length::RULE,
    large_file::RULE,
    unknown_weight::RULE,
    double_softmax::RULE,
    external_path::RULE,
    tensor_size::RULE,
    two_contents::RULE,
    no_weights::RULE,
    unreadable_weights::RULE,
    subclassed::RULE,
    weights_alone::RULE,
    too_many_calls::RULE,
    lambda::RULE,
    training_info::RULE,
    large_image::RULE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Finding;
    use crate::model::{Function, Graph, Model, Node, NodeKind, Op, ScopeId, Source, Span};
    use crate::rules::{Subject, check_with};

    /// What a rule finds.
    pub(super) fn found(rule: &Rule, model: &Model) -> Vec<Finding> {
        check_with(&Subject::new(model), [rule])
    }

    pub(super) fn model(graph: Graph, functions: Vec<Function>) -> Model {
        Model { functions: functions.into(), ..Model::of("onnx", Source::default(), graph) }
    }

    pub(super) fn node(name: &str, kind: NodeKind) -> Node {
        let (name, scope) = (name.to_owned(), ScopeId::ROOT);
        Node { name, kind, outputs: Vec::new(), scope, cost: None, span: Span::default() }
    }

    pub(super) fn operator(op: Op) -> Node {
        node("", NodeKind::Op(op))
    }

    /// A model whose main graph calls functions, and those each other, one after another.
    pub(super) fn with_functions(main: &[&str], functions: &[(&str, &[&str])]) -> Model {
        let graph = |calls: &[&str]| {
            let mut graph = Graph::default();
            for call in calls {
                let op = Op { op: (*call).to_owned(), domain: "d".into(), ..Op::default() };
                graph.add_node(operator(op));
            }
            graph
        };
        let function = |(name, calls): &(&str, &[&str])| Function {
            domain: "d".into(),
            name: (*name).to_owned(),
            overload: String::new(),
            required: Vec::new(),
            defaults: Vec::new(),
            opsets: Vec::new(),
            graph: graph(calls),
            span: Span::default(),
        };
        model(graph(main), functions.iter().map(function).collect())
    }

    #[test]
    fn every_rule_is_explained() {
        for rule in RULES {
            let (id, text) = (rule.id, rule.explanation);
            assert!(text.contains("\n\nWhy it matters: "), "{id} does not say why it matters");
            assert!(text.contains("\n\nWhat to do: "), "{id} does not say what to do");
            assert!(text.ends_with(".\n"), "{id} does not end with a sentence");
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{id} has a line that is too long");
            let summary = rule.summary;
            assert!(!summary.is_empty() && !summary.ends_with('.'), "{id}: `{summary}`");
            assert!(summary.chars().count() <= 64, "{id}: the summary is too long for a list");
        }
    }

    #[test]
    fn the_table_is_in_order_and_no_identifier_stands_twice() {
        let families: Vec<_> = RULES.chunk_by(|a, b| a.family == b.family).map(|f| f[0].family).collect();
        let mut once = families.clone();
        once.sort();
        once.dedup();
        assert_eq!(families, once, "families stand apart or in another order");
        for pair in RULES.windows(2) {
            assert!(pair[0].family != pair[1].family || pair[0].id < pair[1].id, "{}", pair[1].id);
        }
    }
}
