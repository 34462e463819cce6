//! What a model reaches of its file, by the format that read it.

use bytes::Bytes;

use super::Format;
use super::contents::content;
use super::preview::preview;
use super::writer::writer_of;
use crate::error::Result;
use crate::model::{Access, Edit, Model, Tensor};

impl Access for Format {
    fn content(&self, model: &Model, tensor: &Tensor) -> Result<Bytes> {
        content(model, tensor)
    }

    fn preview(&self, model: &Model, edit: &Edit) -> Result<Model> {
        preview(model, edit)
    }

    fn editable(&self, model: &Model) -> Result<()> {
        writer_of(model).map(|_| ())
    }
}
