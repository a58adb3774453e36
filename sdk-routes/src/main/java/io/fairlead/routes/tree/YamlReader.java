// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.tree;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Reads YAML 1.2, of which a document needs objects, lists and values. What YAML has besides is refused: aliases, anchors, tags,
 * several documents. The parser's events are read one by one, since its tree would recurse and take a key twice.
 */
final class YamlReader {
    private static final String NO_ALIASES = " (expected: no aliases, anchors or tags)";
    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setUseMarks(true)
            .setParseComments(false)
            .setCodePointLimit(Integer.MAX_VALUE)
            .build();

    private final DocumentProblems problems;
    private final TreeBuilder tree;
    private int documents;

    YamlReader(DocumentProblems problems) {
        this.problems = problems;
        this.tree = new TreeBuilder(problems);
    }

    TreeBuilder read(String text) {
        Position last = Position.START;
        try {
            ParserImpl events = new ParserImpl(SETTINGS, new StreamReader(SETTINGS, text));
            while (events.hasNext()) {
                Event event = events.next();
                last = place(event.getStartMark());
                take(event, last);
            }
        } catch (MarkedYamlEngineException malformed) {
            throw tree.broken(
                    malformed.getProblemMark().map(YamlReader::place).orElse(last),
                    "no YAML: " + malformed.getProblem());
        } catch (YamlEngineException malformed) {
            throw tree.broken(last, "no YAML: " + malformed.getMessage());
        }
        return tree;
    }

    private void take(Event event, Position place) {
        if (event instanceof DocumentStartEvent && ++documents > 1) {
            throw tree.broken(place, "a second document (expected: one)");
        } else if (event instanceof AliasEvent alias) {
            refuse(place, "alias '*" + alias.getAlias() + "'");
            tree.text(new Part.Text(place, "*" + alias.getAlias()));
        } else if (event instanceof ScalarEvent scalar) {
            refuseProperties(scalar, scalar.getTag(), place);
            boolean isWritten = !(scalar.isPlain() && scalar.getValue().isEmpty());
            tree.text(new Part.Text(place, scalar.getValue(), isWritten));
        } else if (event instanceof CollectionStartEvent start) {
            refuseProperties(start, start.getTag(), place);
            tree.begin(place, event instanceof MappingStartEvent);
        } else if (event instanceof CollectionEndEvent) {
            tree.end();
        }
    }

    private void refuseProperties(NodeEvent event, Optional<String> tag, Position place) {
        event.getAnchor().ifPresent(anchor -> refuse(place, "anchor '&" + anchor.getValue() + "'"));
        tag.ifPresent(name -> refuse(place, "tag '" + name + "'"));
    }

    private void refuse(Position place, String what) {
        problems.add(place, "", what + " at " + place + NO_ALIASES);
    }

    private static Position place(Optional<Mark> mark) {
        return mark.map(YamlReader::place).orElse(Position.START);
    }

    private static Position place(Mark mark) {
        return new Position(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
