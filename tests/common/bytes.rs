//! ONNX models byte by byte, also such as no library would write.

use modelgram::stages::encoding::splice::record;

/// A field with a number.
pub fn int(field: u32, value: u64) -> Vec<u8> {
    let mut out = varint(u64::from(field) << 3);
    out.extend(varint(value));
    out
}

/// A field with text.
pub fn text(field: u32, value: &str) -> Vec<u8> {
    record(field, value.as_bytes())
}

/// A number as Protocol Buffers store it.
pub fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// An attribute with a number.
pub fn attribute(name: &str, value: u64) -> Vec<u8> {
    record(5, &[text(1, name), int(3, value), int(20, 2)].concat())
}

/// A node of the graph.
pub fn node(op: &str, name: &str, inputs: &[&str], outputs: &[&str], attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut own: Vec<u8> = inputs.iter().flat_map(|name| text(1, name)).collect();
    own.extend(outputs.iter().flat_map(|name| text(2, name)));
    own.extend([text(3, name), text(4, op)].concat());
    own.extend(attributes.concat());
    record(1, &own)
}

/// A tensor of floats as an initializer of the graph.
pub fn floats(name: &str, dims: &[u64], values: &[f32]) -> Vec<u8> {
    let content: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    let dims: Vec<u8> = dims.iter().flat_map(|&dim| int(1, dim)).collect();
    record(5, &[dims, int(2, 1), text(8, name), record(9, &content)].concat())
}

/// A dimension: a number, or a symbol.
pub fn dim(size: &str) -> Vec<u8> {
    let value = match size.parse() {
        Ok(n) => int(1, n),
        Err(_) => text(2, size),
    };
    record(1, &value)
}

/// An input (11) or output (12) of the graph, of floats.
pub fn value(field: u32, name: &str, dims: &[&str]) -> Vec<u8> {
    let shape: Vec<u8> = dims.iter().flat_map(|size| dim(size)).collect();
    let tensor = [int(1, 1), record(2, &shape)].concat();
    record(field, &[text(1, name), record(2, &record(1, &tensor))].concat())
}

/// An entry of the metadata.
pub fn property(key: &str, value: &str) -> Vec<u8> {
    record(14, &[text(1, key), text(2, value)].concat())
}

/// A model of operator set 17 of these fields of a graph, and of more fields of its own.
pub fn model(graph: &[Vec<u8>], more: &[Vec<u8>]) -> Vec<u8> {
    let graph = [graph.concat(), text(2, "graph")].concat();
    let opset = record(8, &[text(1, ""), int(2, 17)].concat());
    [int(1, 8), opset, more.concat(), record(7, &graph)].concat()
}
