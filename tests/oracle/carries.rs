//! How surely acts carry: the plain file that a reading of a file stands for (docs/fact-file.md, "How surely").

use serde_json::Value;

/// The file in which acts of these words carry like any other, and acts of other words are not there.
pub fn plain(file: &Value, counted: &[&str]) -> Value {
    let mut file = file.clone();
    let Some(events) = file.get_mut("events").and_then(Value::as_array_mut) else {
        return file;
    };
    events.retain(|event| {
        event
            .get("carries")
            .is_none_or(|word| counted.iter().any(|one| word == one))
    });
    for event in events {
        if let Some(keys) = event.as_object_mut() {
            keys.shift_remove("carries");
        }
    }
    file
}
