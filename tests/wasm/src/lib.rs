//! The library behind a C interface, for WebAssembly: nothing is imported.
//!
//! A caller asks for room ([`allocate`]), writes a file's name and its content there, calls
//! [`draw`], and finds the picture or a message at [`result`].

use std::cell::RefCell;

use modelgram::draw::{Columns, Direction, DrawOptions, Output, Splines, Theme};
use modelgram::ops::{TypeOptions, derive_types};

/// The ways to draw that are compared, by their numbers.
pub const WAYS: usize = 4;

/// What a model file looks like, drawn in one of the [`WAYS`].
///
/// # Errors
/// With the library's message if it cannot be read or drawn.
pub fn drawn(name: &str, content: Vec<u8>, way: usize) -> Result<Vec<u8>, String> {
    let mut model = modelgram::formats::read(name, content.into()).map_err(|error| error.to_string())?;
    derive_types(&mut model, &TypeOptions::default());
    let drawing = modelgram::draw::draw(&model, &options(way));
    drawing.map(|drawing| drawing.bytes).map_err(|error| error.to_string())
}

fn options(way: usize) -> DrawOptions {
    let mut options = DrawOptions::default();
    match way {
        // Every line and every box, in another form.
        1 => {
            options.groups = None;
            options.diagram.direction = Direction::LeftRight;
            options.diagram.show_dtype = true;
            options.diagram.show_macs = true;
            options.diagram.legend = true;
            options.layout.splines = Splines::Ortho;
            options.layout.columns = Columns::Aspect(1.6);
            options.theme = Theme::Dark;
        }
        2 => options.output = Output::Json,
        3 => options.output = Output::Dot,
        _ => {}
    }
    options
}

thread_local! {
    static INPUT: RefCell<Vec<u8>> = RefCell::default();
    static OUTPUT: RefCell<Vec<u8>> = RefCell::default();
}

/// Room for so many bytes, to write to until the next call of [`draw`].
#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    let mut room = vec![0; len];
    let start = room.as_mut_ptr();
    INPUT.set(room);
    start
}

/// Draws what was written: a name of `name_len` bytes, and the content. 0 if that went well,
/// and 1 if the result is a message.
#[unsafe(no_mangle)]
pub extern "C" fn draw(name_len: usize, way: usize) -> u32 {
    let mut name = INPUT.take();
    let content = name.split_off(name_len.min(name.len()));
    // What was drawn before need not be there at the same time.
    OUTPUT.take();
    let (output, status) = match drawn(&String::from_utf8_lossy(&name), content, way) {
        Ok(picture) => (picture, 0),
        Err(message) => (message.into_bytes(), 1),
    };
    OUTPUT.set(output);
    status
}

/// Where the result of the last [`draw`] begins.
#[unsafe(no_mangle)]
pub extern "C" fn result() -> *const u8 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

/// How many bytes it has.
#[unsafe(no_mangle)]
pub extern "C" fn result_len() -> usize {
    OUTPUT.with_borrow(Vec::len)
}
