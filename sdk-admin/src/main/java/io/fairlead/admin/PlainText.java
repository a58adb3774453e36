// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

/** The same as the page, for terminals. */
final class PlainText {
    private PlainText() {}

    static String of(Model.Status status) {
        StringBuilder text = new StringBuilder(status.at() + "\n");
        status.services().forEach(service -> text.append(service.service()).append('\n'));
        return text.toString();
    }

    static String of(Model.Detail detail) {
        StringBuilder text = new StringBuilder(detail.summary().service() + "\n");
        detail.instances().forEach(row -> text.append(row.id()).append('\n'));
        return text.toString();
    }
}
