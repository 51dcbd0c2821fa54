//! Reads the parameters of a GraphQL request: from the JSON of a POST or of a socket's message, or from the
//! query string of a GET. Both are checked for their types here, because serde alone would take `null`, arrays
//! and unknown shapes in places where the specification wants them refused.

use async_graphql::Request;
use serde_json::{Map, Value};

use super::reply::Refusal;

/// The request in a JSON body.
pub fn from_body(body: &[u8]) -> Result<Request, Refusal> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad(format!("the body is no JSON: {error}")))?;
    from_json(value)
}

/// The request in a JSON value: one object, never a list of them.
pub fn from_json(value: Value) -> Result<Request, Refusal> {
    match value {
        Value::Object(parameters) => from_parameters(parameters),
        Value::Array(_) => Err(Refusal::bad(
            "send one operation as an object: batches are not served",
        )),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(Refusal::bad(
            "the request must be a JSON object with the key `query`",
        )),
    }
}

/// The request in a query string, already split and decoded. `variables` and `extensions` are JSON in text.
pub fn from_pairs(pairs: Vec<(String, String)>) -> Result<Request, Refusal> {
    let mut parameters = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "query" | "operationName" => Value::String(text),
            "variables" | "extensions" => serde_json::from_str(&text)
                .map_err(|error| Refusal::bad(format!("`{name}` is no JSON: {error}")))?,
            _ => continue,
        };
        if parameters.insert(name.clone(), value).is_some() {
            return Err(Refusal::bad(format!("`{name}` is given twice")));
        }
    }
    from_parameters(parameters)
}

fn from_parameters(mut parameters: Map<String, Value>) -> Result<Request, Refusal> {
    parameters.retain(|_, value| !value.is_null());
    if !matches!(parameters.get("query"), Some(Value::String(_))) {
        return Err(Refusal::bad("`query` must be given, as a text"));
    }
    if !matches!(parameters.get("operationName"), None | Some(Value::String(_))) {
        return Err(Refusal::bad("`operationName` must be a text"));
    }
    for name in ["variables", "extensions"] {
        if !matches!(parameters.get(name), None | Some(Value::Object(_))) {
            return Err(Refusal::bad(format!("`{name}` must be an object")));
        }
    }
    serde_json::from_value(Value::Object(parameters)).map_err(|error| Refusal::bad(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{from_body, from_pairs};

    #[test]
    fn only_one_object_with_a_query_is_a_request() {
        assert!(from_body(br#"{"query":"{a}"}"#).is_ok());
        assert!(from_body(br#"{"query":"{a}","variables":null,"operationName":null,"other":1}"#).is_ok());
        for wrong in [
            "",
            "{",
            "[]",
            "null",
            "1",
            "{}",
            r#"[{"query":"{a}"}]"#,
            r#"{"query":null}"#,
            r#"{"query":["{a}"]}"#,
            r#"{"query":"{a}","variables":[]}"#,
            r#"{"query":"{a}","variables":"{}"}"#,
            r#"{"query":"{a}","extensions":7}"#,
            r#"{"query":"{a}","operationName":{}}"#,
        ] {
            assert!(from_body(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_query_string_says_each_thing_once() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert!(from_pairs(vec![pair("query", "{a}"), pair("variables", "{\"b\":1}")]).is_ok());
        assert!(from_pairs(vec![pair("query", "{a}"), pair("query", "{b}")]).is_err());
        assert!(from_pairs(vec![pair("query", "{a}"), pair("variables", "b")]).is_err());
        assert!(from_pairs(Vec::new()).is_err());
    }
}
