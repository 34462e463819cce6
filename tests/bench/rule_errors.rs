//! What the rules call an error, for a list of files: `rule_errors < LIST`, a line of JSON for
//! each. `tests/oracle/definitions.py` holds it to onnx's checker and to onnxruntime.

use std::io::BufRead;
use std::path::Path;

use modelgram::ops::typed;
use modelgram::rules::errors;

#[allow(clippy::print_stdout)]
fn main() {
    for path in std::io::stdin().lock().lines().map_while(Result::ok) {
        let found = match modelgram::formats::open(Path::new(&path)) {
            Ok(model) => errors(&typed(&model)).iter().map(ToString::to_string).collect(),
            Err(error) => vec![format!("error[read]: {error}")],
        };
        println!("{}", serde_json::json!({"path": path, "errors": found}));
    }
}
