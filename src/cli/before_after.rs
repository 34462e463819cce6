//! `--picture`: before and after an edit, in one picture.

use std::path::{Path, PathBuf};

use super::files;
use crate::diagram::Change;
use crate::draw::{DrawOptions, Output, draw};
use crate::edit::merged;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Edit, Model};

/// Draws what an edit does to a model; the extension says the kind of picture.
///
/// # Errors
/// If it cannot be drawn or written.
pub(super) fn picture(model: &Model, edit: &Edit, path: &Path) -> Result<()> {
    let output = match path.extension().and_then(|e| e.to_str()) {
        Some("svg") => Output::Svg,
        Some("png") => Output::Png,
        Some("pdf") => Output::Pdf,
        _ => {
            let error = Error::new(ErrorKind::Usage, "the kind of picture is not clear");
            return Err(error
                .hint("end the name in .svg, .png or .pdf")
                .in_file(&path.display().to_string()));
        }
    };
    let merged = merged(model, edit)?;
    let mut options = DrawOptions { output, ..DrawOptions::default() };
    let changes = &mut options.diagram.changes;
    for (nodes, change) in [
        (&merged.added, Change::Added),
        (&merged.changed, Change::Changed),
        (&merged.removed, Change::Removed),
    ] {
        changes.extend(nodes.iter().map(|&id| (id, change)));
    }
    options.diagram.legend = true;
    let drawing = draw(&merged.model, &options)?;
    files::to_file(path, &drawing.bytes, &[PathBuf::from(&model.source.name)])
}
