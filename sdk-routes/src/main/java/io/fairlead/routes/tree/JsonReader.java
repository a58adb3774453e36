// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.tree;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;

/** Reads JSON. Numbers stay as they are written. */
final class JsonReader {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(TreeReader.MOST_BYTES)
                    .maxNameLength(TreeReader.MOST_BYTES)
                    .maxNumberLength(1_000)
                    .maxNestingDepth(1_000)
                    .build())
            .build();

    private final TreeBuilder tree;

    JsonReader(DocumentProblems problems) {
        this.tree = new TreeBuilder(problems);
    }

    TreeBuilder read(String text) {
        try (JsonParser json = FACTORY.createParser(text)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                Position place = place(json.currentTokenLocation());
                if (tree.root() != null) {
                    throw tree.broken(place, "more after the document (expected: its end)");
                }
                take(token, json, place);
            }
        } catch (JsonEOFException cut) {
            throw tree.broken(place(cut.getLocation()), "no JSON: cut short (expected: the end of what has begun)");
        } catch (JsonProcessingException malformed) {
            throw tree.broken(place(malformed.getLocation()), "no JSON: " + malformed.getOriginalMessage());
        } catch (IOException impossible) {
            throw tree.broken(Position.START, "no JSON: " + impossible.getMessage());
        }
        return tree;
    }

    private void take(JsonToken token, JsonParser json, Position place) throws IOException {
        switch (token) {
            case START_OBJECT -> tree.begin(place, true);
            case START_ARRAY -> tree.begin(place, false);
            case END_OBJECT, END_ARRAY -> tree.end();
            case FIELD_NAME -> tree.key(place, json.currentName());
            case VALUE_NULL -> tree.text(new Part.Text(place, "", false));
            default -> tree.text(new Part.Text(place, json.getText()));
        }
    }

    private static Position place(JsonLocation location) {
        return location == null
                ? Position.START
                : new Position(location.getLineNr(), Math.max(1, location.getColumnNr()));
    }
}
