// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import java.util.List;

/** A document is refused. Nothing of it was applied. The message is one line and has up to 20 problems, and the number of all. */
public final class RouteDocumentException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 20;

    private final transient List<DocumentProblem> problems;
    private final int total;

    RouteDocumentException(List<DocumentProblem> problems, int total) {
        super(message(problems, total));
        this.problems = List.copyOf(problems);
        this.total = total;
    }

    /** What is wrong, in the order of the document; of very many the first thousand or so. */
    public List<DocumentProblem> problems() {
        return problems;
    }

    /** How much is wrong. */
    public int total() {
        return total;
    }

    private static String message(List<DocumentProblem> problems, int total) {
        StringBuilder message = new StringBuilder(total == 1 ? "" : total + " problems: ");
        for (int i = 0; i < Math.min(SHOWN, problems.size()); i++) {
            message.append(i == 0 ? "" : "; ").append(problems.get(i));
        }
        return message.append(total > SHOWN ? "; and " + (total - SHOWN) + " more" : "")
                .toString();
    }
}
