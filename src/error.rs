//! What stops the work: where it happened, what is the case, what to do about it.

use std::fmt;
use std::sync::Arc;

use crate::text::printable;

/// Where in a model something is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Name of the file, as the user gave it.
    pub file: Option<String>,
    /// Path to the graph: empty for the main graph, else steps such as
    /// ``node `if_1`, `then_branch` `` or ``function `acme::Block` ``.
    pub graph: Vec<String>,
    /// Name of the node.
    pub node: Option<String>,
    /// Name of the value.
    pub value: Option<String>,
    /// Position in the file, in bytes.
    pub offset: Option<u64>,
}

impl Place {
    /// A place that is known by its file alone.
    pub fn file(name: impl Into<String>) -> Self {
        Place { file: Some(name.into()), ..Place::default() }
    }

    /// A place that is known by its position alone, in bytes.
    pub fn offset(at: u64) -> Self {
        Place { offset: Some(at), ..Place::default() }
    }

    /// This place, in the file `name`.
    pub fn in_file(mut self, name: impl Into<String>) -> Self {
        self.file = Some(name.into());
        self
    }

    /// This place, narrowed to a node.
    pub fn at_node(mut self, name: impl Into<String>) -> Self {
        self.node = Some(name.into());
        self
    }

    /// This place, narrowed to a value.
    pub fn at_value(mut self, name: impl Into<String>) -> Self {
        self.value = Some(name.into());
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.file.as_deref().map(printable));
        parts.extend(self.graph.iter().map(|step| printable(step)));
        parts.extend(self.node.iter().map(|name| format!("node `{}`", printable(name))));
        parts.extend(self.value.iter().map(|name| format!("value `{}`", printable(name))));
        parts.extend(self.offset.map(|at| format!("byte {at}")));
        f.write_str(&parts.join(": "))
    }
}

/// What sort of thing went wrong; the command line's exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request makes no sense.
    Usage,
    /// The operating system refused a file.
    Io,
    /// The file is damaged or is not what it seems.
    Undecodable,
    /// Going on would be unsafe: too large, too deep, outside the model's folder.
    Unsafe,
    /// A format or feature that is not there.
    Unsupported,
    /// A proof failed: an edit changed what it promised to leave.
    Disproved,
}

/// An error that stops the work: place, fact, way out.
///
/// The message is whole without the [`source`](std::error::Error::source), which is for
/// programs: `error.source()` and `downcast_ref::<std::io::Error>()` give the system's error.
/// Two errors that say the same are equal, whatever they come from.
#[derive(Clone, Debug)]
pub struct Error {
    /// Where.
    pub place: Box<Place>,
    /// What sort.
    pub kind: ErrorKind,
    /// The fact: lower case, names in backticks, no full stop.
    pub message: String,
    /// Ways out, in the same style.
    pub hints: Vec<String>,
    /// The error that this one comes from. Shared, since few errors of others can be cloned.
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The result of anything that can be stopped by an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of the given sort, without place or hints.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { place: Box::default(), kind, message: message.into(), hints: Vec::new(), source: None }
    }

    /// What the operating system said, in its words.
    pub(crate) fn io(source: std::io::Error) -> Self {
        Error::new(ErrorKind::Io, source.to_string()).from_source(source)
    }

    /// The error with the one that it comes from. The message should say already what that says.
    pub fn from_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The error with its place.
    pub fn at(mut self, place: Place) -> Self {
        self.place = Box::new(place);
        self
    }

    /// Where and what, without the way out, for a line of a report.
    pub fn place_and_fact(&self) -> String {
        Error { hints: Vec::new(), ..self.clone() }.to_string()
    }

    /// The error with the name of the file, unless it has one.
    pub fn in_file(mut self, name: &str) -> Self {
        self.place.file.get_or_insert_with(|| name.to_owned());
        self
    }

    /// The error with one more way out.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.to_string();
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        f.write_str(&printable(&self.message))?;
        for hint in &self.hints {
            write!(f, "\n  hint: {}", printable(hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        let same = self.place == other.place && self.kind == other.kind;
        same && self.message == other.message && self.hints == other.hints
    }
}

impl Eq for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_place_fact_way_out() {
        let error = Error::new(ErrorKind::Usage, "no value named `flaten`")
            .hint("did you mean `flatten`?")
            .in_file("resnet50.onnx");
        assert_eq!(
            error.to_string(),
            "resnet50.onnx: no value named `flaten`\n  hint: did you mean `flatten`?"
        );
    }

    #[test]
    fn what_an_error_comes_from_is_kept_and_does_not_count() {
        use std::error::Error as _;
        let system = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let error = Error::io(system()).in_file("a.onnx").clone();
        let source = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
        assert_eq!(source.map(std::io::Error::kind), Some(std::io::ErrorKind::PermissionDenied));
        assert_eq!(error, Error::new(ErrorKind::Io, system().to_string()).in_file("a.onnx"));
        assert!(Error::new(ErrorKind::Io, "this is a folder").source().is_none());
    }

    #[test]
    fn control_characters_in_names_are_escaped() {
        let place = Place::default().at_node("a\u{1b}[2Jb\u{202e}");
        assert_eq!(place.to_string(), "node `a\\u{1b}[2Jb\\u{202e}`");
    }
}
