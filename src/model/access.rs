//! The way from a model back to its file.

use std::any::Any;
use std::fmt::Debug;

use bytes::Bytes;

use super::{Edit, Model, Tensor};
use crate::error::{Error, ErrorKind, Result};

/// What only the format that a model is of can do: reach into its file.
///
/// Edits, rules and runs need contents and previews of a model and know no format. Whoever
/// opens a model gives it the access of its format ([`Model::access`]); `formats` implements
/// this for the entries of its tables, and finds the entry again by it.
pub trait Access: Any + Debug + Send + Sync {
    /// The content of a tensor, laid out as in [`TensorData::In`](super::TensorData::In): from
    /// the model file, or from the file with weights beside it.
    ///
    /// # Errors
    /// If it is not there, or lies where it is not safe to read.
    fn content(&self, model: &Model, tensor: &Tensor) -> Result<Bytes>;

    /// What an edit makes of the model, without its weights and without writing it.
    ///
    /// # Errors
    /// If the format cannot be written, or the edit does not fit the model.
    fn preview(&self, model: &Model, edit: &Edit) -> Result<Model>;

    /// Whether edits of the model can be written.
    ///
    /// # Errors
    /// If the format cannot be written.
    fn editable(&self, model: &Model) -> Result<()>;
}

impl Model {
    /// The content of one of its tensors: see [`Access::content`].
    ///
    /// # Errors
    /// Those of [`Access::content`], and if the model was not read from a file.
    pub fn content(&self, tensor: &Tensor) -> Result<Bytes> {
        self.reach()?.content(self, tensor)
    }

    /// What an edit makes of it: see [`Access::preview`].
    ///
    /// # Errors
    /// Those of [`Access::preview`], and if the model was not read from a file.
    pub fn preview(&self, edit: &Edit) -> Result<Model> {
        self.reach()?.preview(self, edit)
    }

    /// Whether edits of it can be written.
    ///
    /// # Errors
    /// If they cannot.
    pub fn editable(&self) -> Result<()> {
        self.reach()?.editable(self)
    }

    fn reach(&self) -> Result<&'static dyn Access> {
        self.access.ok_or_else(|| {
            let error = Error::new(ErrorKind::Unsupported, "the model was not read from a file");
            error.in_file(&self.source.name)
        })
    }
}
