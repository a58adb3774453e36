// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.route.Problem;
import io.fairlead.routes.tree.DocumentProblems;
import io.fairlead.routes.tree.Part;
import io.fairlead.routes.tree.Position;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells what the model finds wrong with the routes of a service in the words of the document they were read from. Belongs to one
 * reading.
 */
final class ModelProblems {
    private final FieldsReader service;

    ModelProblems(FieldsReader service) {
        this.service = service;
    }

    /** What a path of the model leads to: the document's spelling of it, and as far as it leads there, the part. */
    private record Found(String path, Part part, Position place) {}

    void add(List<Problem> problems) {
        DocumentProblems all = service.whole().problems();
        for (Problem problem : problems) {
            Found found = find(problem.path());
            String path = below(found.path);
            // Of a part that could not be read, what stands in for it says nothing.
            boolean isWhole = found.path.indexOf('.') < 0 && found.path.indexOf('[') < 0;
            if (!(isWhole ? all.isExactly(path) : all.isKnown(path)) && !isBelowKnown(found.path)) {
                all.add(found.place, path, problem.message());
            }
        }
    }

    private String below(String path) {
        return service.whole().path() + "." + path;
    }

    private boolean isBelowKnown(String path) {
        DocumentProblems all = service.whole().problems();
        for (int end = path.length();
                end > 0;
                end = Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1))) {
            if (all.isExactly(below(path.substring(0, end)))) {
                return true;
            }
        }
        return false;
    }

    /** Keys may have dots in them: of several that fit the longest is meant. */
    private Found find(String path) {
        Part part = service.fields();
        Position place = part.place();
        StringBuilder spelt = new StringBuilder();
        String rest = path;
        while (!rest.isEmpty()) {
            if (rest.startsWith("[")) {
                int end = rest.indexOf(']');
                int index = Integer.parseInt(rest.substring(1, end));
                // The one condition, destination or tag need not stand in a list.
                if (part instanceof Part.Items items) {
                    if (index >= items.items().size()) {
                        break;
                    }
                    part = items.items().get(index);
                    spelt.append(rest, 0, end + 1);
                    place = part.place();
                }
                rest = rest.substring(end + 1);
            } else {
                String key = key(part, rest);
                if (key == null) {
                    boolean isImplied = part instanceof Part.Text && rest.equals("subset")
                            || part instanceof Part.Text && rest.equals("exact");
                    spelt.append(isImplied ? "" : (spelt.length() == 0 ? "" : ".") + rest);
                    break;
                }
                Part.Field field = ((Part.Fields) part).fields().get(key);
                part = field == null ? part : field.value();
                place = field == null ? place : part instanceof Part.Text ? part.place() : field.at();
                spelt.append(spelt.length() == 0 ? "" : ".").append(DocumentProblems.key(key));
                rest = rest.substring(key.length());
            }
            rest = rest.startsWith(".") ? rest.substring(1) : rest;
        }
        return new Found(spelt.toString(), part, place);
    }

    private static @Nullable String key(Part part, String rest) {
        if (!(part instanceof Part.Fields fields)) {
            return null;
        }
        String longest = null;
        for (Map.Entry<String, Part.Field> field : fields.fields().entrySet()) {
            String key = field.getKey();
            boolean fits = rest.startsWith(key)
                    && (rest.length() == key.length()
                            || rest.charAt(key.length()) == '.'
                            || rest.charAt(key.length()) == '[');
            longest = fits && (longest == null || key.length() > longest.length()) ? key : longest;
        }
        return longest;
    }
}
