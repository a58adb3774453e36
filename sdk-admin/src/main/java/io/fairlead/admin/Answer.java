// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.util.Map;

/** What goes back. An immutable value. */
record Answer(int status, String type, String body, Map<String, String> headers) {
    static final String JSON = "application/json; charset=utf-8";
    static final String TEXT = "text/plain; charset=utf-8";
    static final String HTML = "text/html; charset=utf-8";

    static Answer json(Object value) {
        return new Answer(200, JSON, Json.of(value), Map.of());
    }

    static Answer text(String value) {
        return new Answer(200, TEXT, value, Map.of());
    }

    static Answer problem(int status, String message) {
        return new Answer(status, JSON, Json.of(new Model.Problem(Model.VERSION, message)), Map.of());
    }

    Answer with(String name, String value) {
        return new Answer(status, type, body, Map.of(name, value));
    }
}
