//! `W311`: what is said of training is said of weights that are not there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::error::Place;
use crate::finding::Severity;
use crate::model::{FROZEN, Graph, LR_MULT, property};
use crate::rules::{Family, Findings, Rule, Subject};
use crate::text::meant;

pub(super) const RULE: Rule = Rule::new(
    "W311",
    Family::Weights,
    Severity::Warning,
    "the metadata freeze a weight that does not exist",
    "\
The metadata say of training which weights are frozen (`modelgram.frozen`, a
JSON list of names of initializers) or which factor of the learning rate they
have (`modelgram.lr_mult`, a JSON object from names to numbers). A name there is
none of the model's, or the text is not of that form.

Why it matters: a weight that was to be frozen is trained, and nobody is told.
That happens when weights are renamed, merged or quantized by a tool that does
not know these entries; `modelgram rename` changes them too.

What to do: correct the name in the metadata, or take it out.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let model = subject.model();
    let properties = &model.meta.properties;
    let frozen = property(properties, FROZEN).map(serde_json::from_str::<BTreeSet<String>>);
    let rates = property(properties, LR_MULT).map(serde_json::from_str::<BTreeMap<String, f64>>);
    if frozen.is_none() && rates.is_none() {
        return;
    }
    let graphs = model.graphs();
    let stored = graphs.iter().copied().flat_map(Graph::constants).map(|(_, node, _)| node.name.as_str());
    let known: HashSet<&str> = stored.collect();
    let names: Vec<&str> = known.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut look = |key: &str, listed: Option<Vec<String>>| {
        let Some(listed) = listed else {
            return findings.add(Place::default(), format!("`{key}` is not JSON of the right form"));
        };
        for name in listed.iter().filter(|name| !known.contains(name.as_str())) {
            let message = format!("`{key}` names a weight that does not exist; {}", meant(name, &names));
            findings.add(Place::default().at_value(name), message);
        }
    };
    if let Some(frozen) = frozen {
        look(FROZEN, frozen.ok().map(|list| list.into_iter().collect()));
    }
    if let Some(rates) = rates {
        look(LR_MULT, rates.ok().map(|map| map.into_keys().collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, node};
    use super::*;
    use crate::model::{DType, Model, NodeKind, Property, Span, Tensor, TensorData};

    fn with(key: &str, text: &str) -> Model {
        let (dtype, data, span) = (DType::F32, TensorData::Absent, Span::default());
        let tensor = Tensor { name: "fc.weight".into(), dtype, dims: vec![1], data, span };
        let mut graph = Graph::default();
        graph.add_node(node("fc.weight", NodeKind::Constant { tensor, overridable: false }));
        let mut model = model(graph, Vec::new());
        model.meta.properties.push(Property { key: key.into(), value: text.into(), span });
        model
    }

    #[test]
    fn a_frozen_weight_must_exist() {
        let said = |key: &str, text: &str| -> Vec<String> {
            found(&RULE, &with(key, text)).into_iter().map(|finding| finding.message).collect()
        };
        assert!(said(FROZEN, r#"["fc.weight"]"#).is_empty());
        assert!(said("other", r#"["nothing"]"#).is_empty());
        let near = "names a weight that does not exist; did you mean `fc.weight`?";
        assert_eq!(said(FROZEN, r#"["fc.weigth", "fc.weight"]"#), [format!("`{FROZEN}` {near}")]);
        assert_eq!(said(LR_MULT, r#"{"fc.weigth": 0.1}"#), [format!("`{LR_MULT}` {near}")]);
        assert_eq!(said(FROZEN, "fc.weight"), [format!("`{FROZEN}` is not JSON of the right form")]);
    }
}
