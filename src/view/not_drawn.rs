//! What a picture does not show of a model, for its description and for the user.

use super::groups::Grouping;
use super::shown::View;
use crate::text::counted;

/// What is not drawn of a view's graph, in a line; `None` if all is.
pub(crate) fn not_drawn(view: &View<'_>, grouping: Option<&Grouping>) -> Option<String> {
    let all = view.left_out + view.nodes.len() + view.hidden.len();
    let left_out = (view.left_out > 0).then(|| format!("{} of {all} nodes left out", view.left_out));
    let hidden = view.hidden.len();
    let hidden = (hidden > 0).then(|| format!("{} hidden", counted(hidden, "operator")));
    let folded = grouping.and_then(Grouping::not_drawn);
    let parts: Vec<String> = left_out.into_iter().chain(hidden).chain(folded).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
