// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.util.Map;

/** What goes back. An immutable value. */
record AdminAnswer(int status, String type, String body, Map<String, String> headers) {
    static final String JSON = "application/json; charset=utf-8";
    static final String TEXT = "text/plain; charset=utf-8";
    static final String HTML = "text/html; charset=utf-8";

    static AdminAnswer json(Object value) {
        return new AdminAnswer(200, JSON, Json.of(value), Map.of());
    }

    static AdminAnswer text(String value) {
        return new AdminAnswer(200, TEXT, value, Map.of());
    }

    static AdminAnswer problem(int status, String message) {
        return new AdminAnswer(status, JSON, Json.of(new Model.Problem(Model.VERSION, message)), Map.of());
    }

    AdminAnswer with(String name, String value) {
        return new AdminAnswer(status, type, body, Map.of(name, value));
    }
}
