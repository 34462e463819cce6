//! What a format is: how it is detected, read and written.

use std::any::Any;

use bytes::Bytes;

use super::{Inputs, Patch};
use crate::error::Result;
use crate::files::arrays::Array;
use crate::model::{Edit, Model, Tensor};

/// A format of model files. Entries of other crates begin with [`Format::new`].
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name, as in [`Model::format`].
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// One line on it.
    pub summary: &'static str,
    /// Usual file extensions. They decide between contents that fit equally well, and which
    /// reader says what is wrong with a content that fits nothing.
    pub extensions: &'static [&'static str],
    /// How well a content fits.
    pub detect: fn(&Inputs) -> Score,
    /// Reads the content.
    pub read: fn(&Inputs) -> Result<Model>,
    /// Decodes a [`TensorData::Encoded`](crate::model::TensorData::Encoded) from the bytes of its
    /// record; nothing if they do not fit the element type. Not needed where the reader gives none.
    pub decode: Option<fn(&Tensor, Bytes) -> Option<Bytes>>,
    /// Reads a file that holds one array as this format stores it.
    pub array: Option<fn(Bytes) -> Result<Array>>,
    /// Writes edits.
    pub writer: Option<&'static Writer>,
    /// What to do about an edit where there is no writer; may be empty.
    pub way_out: &'static str,
}

impl Format {
    /// A format that is read and not written.
    pub const fn new(
        name: &'static str,
        detect: fn(&Inputs) -> Score,
        read: fn(&Inputs) -> Result<Model>,
    ) -> Self {
        Format {
            name,
            title: name,
            summary: "",
            extensions: &[],
            detect,
            read,
            decode: None,
            array: None,
            writer: None,
            way_out: "",
        }
    }

    /// Reads a model as of this format.
    pub(super) fn open(&'static self, inputs: &Inputs) -> Result<Model> {
        let mut model = (self.read)(inputs)?;
        model.access = Some(self);
        if model.meta.format_title.is_empty() {
            self.title.clone_into(&mut model.meta.format_title);
        }
        Ok(model)
    }
}

/// The format that read a model; nothing for a model that was made by hand.
pub(super) fn format_of(model: &Model) -> Option<&'static Format> {
    (model.access? as &dyn Any).downcast_ref()
}

/// How well a content fits a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Score {
    /// It is something else.
    No,
    /// Nothing speaks against it, and little for it.
    Possible,
    /// What was looked at is as in this format, and rarely so elsewhere.
    Likely,
    /// It is marked as of this format.
    Certain,
}

impl Score {
    /// This score if `fits`, else [`Score::No`].
    pub fn when(self, fits: bool) -> Self {
        if fits { self } else { Score::No }
    }
}

/// How edits of a format become changes of its files. Entries of other crates begin with
/// [`Writer::new`].
///
/// Saving, previews and the comparison of what was written with what was meant are made of
/// these, and are the same for all formats.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    /// The changes of the file that an edit means; an edit that the format cannot express is
    /// an error.
    pub lower: fn(&Model, &Edit) -> Result<Patch>,
    /// The changes that put stripped contents back, from the model that they were taken out of.
    pub restore: Option<fn(&Model, &Model) -> Result<Patch>>,
    /// A hash of a content as it stands in the file, or of the content that was stripped.
    pub content_hash: Option<fn(&Model, &Tensor) -> Option<String>>,
}

impl Writer {
    /// A writer that does not restore.
    pub const fn new(lower: fn(&Model, &Edit) -> Result<Patch>) -> Self {
        Writer { lower, restore: None, content_hash: None }
    }
}
