//! The way from a model to what its format does to be written.

use super::format::format_of;
use super::{Format, Patch, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Model, Tensor};

/// The writer of the format that a model is of.
///
/// # Errors
/// If the format cannot be written.
pub(super) fn writer_of(model: &Model) -> Result<&'static Writer> {
    written_as(model).map(|(_, writer)| writer)
}

/// The same, with its format.
pub(super) fn written_as(model: &Model) -> Result<(&'static Format, &'static Writer)> {
    let unsupported = |fact: String| Error::new(ErrorKind::Unsupported, fact).in_file(&model.source.name);
    let format = format_of(model).ok_or_else(|| unsupported("the model was not read from a file".into()))?;
    format.writer.map(|writer| (format, writer)).ok_or_else(|| {
        let error = unsupported(format!("{} files can be drawn, and not yet edited", model.format));
        if format.way_out.is_empty() { error } else { error.hint(format.way_out) }
    })
}

/// The changes that put the contents of all stripped tensors back, from the model that they
/// were taken out of.
///
/// # Errors
/// If the format cannot do that, the two models are of different formats, or a tensor is not
/// in the original.
pub(crate) fn restore(model: &Model, original: &Model) -> Result<Patch> {
    let fail = |kind, fact: String| Err(Error::new(kind, fact).in_file(&model.source.name));
    let (format, writer) = written_as(model)?;
    if model.format != original.format {
        let fact = format!("this is of the format {}, and the original of {}", model.format, original.format);
        return fail(ErrorKind::Usage, fact);
    }
    match writer.restore {
        Some(restore) => restore(model, original),
        None => fail(ErrorKind::Unsupported, format!("weights of {} files cannot be put back", format.name)),
    }
}

/// A hash of a tensor's content as it stands in the file, or that of a stripped one; nothing
/// for content that is elsewhere.
pub(crate) fn content_hash(model: &Model, tensor: &Tensor) -> Option<String> {
    (format_of(model)?.writer?.content_hash?)(model, tensor)
}

/// Whether of two tensors one is stripped, and its hash is that of the other.
pub(crate) fn same_stripped(a: (&Model, &Tensor), b: (&Model, &Tensor)) -> bool {
    if !a.1.is_stripped() && !b.1.is_stripped() {
        return false;
    }
    content_hash(a.0, a.1).zip(content_hash(b.0, b.1)).is_some_and(|(a, b)| a == b)
}
