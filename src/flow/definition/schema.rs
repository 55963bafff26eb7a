//! The JSON Schema of the files of a line, for editors: the shape that the reader takes, *not* what it checks
//! afterwards (names that lead somewhere, types that fit).

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::{CalendarFile, FlowFile, LineFile};

/// The kinds of file that have a schema.
pub const SCHEMAS: &[&str] = &["line", "calendar", "flow"];

/// The JSON Schema (draft 7, which every editor knows) of a kind of file: one of [`SCHEMAS`].
#[must_use]
pub fn schema(file: &str) -> Option<Schema> {
    match file {
        "line" => Some(schema_of::<LineFile>()),
        "calendar" => Some(schema_of::<CalendarFile>()),
        "flow" => Some(schema_of::<FlowFile>()),
        _ => None,
    }
}

fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(as_editors_see));
    settings.into_generator().into_root_schema_for::<T>()
}

/// To our reader every scalar is text until a field asks for more; an editor sees `12333` as a number and `true` as
/// a flag, and a field that is written without a value as null.
fn as_editors_see(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let any_text = !["enum", "const", "pattern"].iter().any(|bound| object.contains_key(*bound));
    let types = match object.remove("type") {
        Some(Value::Array(types)) => types,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    // A field may be left out; if it is written, it says something.
    let mut types: Vec<Value> = types.into_iter().filter(|of| of != "null").collect();
    if any_text && types == [json!("string")] {
        types = vec![json!("string"), json!("number"), json!("boolean")];
    }
    // An empty mapping may be written as nothing.
    if types == [json!("object")] && object.get("additionalProperties").is_some_and(Value::is_object) {
        types.push(json!("null"));
    }
    match (types.len(), types.pop()) {
        (_, None) => {}
        (1, Some(one)) => {
            object.insert("type".to_owned(), one);
        }
        (_, Some(last)) => {
            types.push(last);
            object.insert("type".to_owned(), Value::Array(types));
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&json!("null")));
        if let [only] = choices.as_slice()
            && let Value::Object(only) = only.clone()
        {
            object.remove("anyOf");
            // In draft 7 nothing may stand beside a reference.
            if only.contains_key("$ref") {
                let alone = Value::Array(vec![Value::Object(only)]);
                object.insert("allOf".to_owned(), alone);
            } else {
                object.extend(only);
            }
        }
    }
}
