// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.tree;

import io.fairlead.spi.DocumentSource;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to a tree. UTF-8, with a byte order mark or without. A document whose first character is a brace is read as JSON, any
 * other as YAML. Stateless, safe for any thread.
 */
public final class TreeReader {
    static final int MOST_BYTES = DocumentSource.MOST_BYTES;

    private static final char BYTE_ORDER_MARK = '\ufeff';
    private static final String EMPTY = "empty (expected: a document; to remove all rules write 'services: {}')";

    private TreeReader() {}

    /** The tree, or null when no more can be read of it than what is added to the problems. */
    public static @Nullable Part read(byte[] content, DocumentProblems problems) {
        if (content.length > MOST_BYTES) {
            problems.add(Position.START, "", content.length + " bytes (expected: at most " + MOST_BYTES + ")");
            return null;
        }
        String text = decode(content, problems);
        if (text == null) {
            return null;
        }
        try {
            TreeBuilder tree = text.stripLeading().startsWith("{")
                    ? new JsonReader(problems).read(text)
                    : new YamlReader(problems).read(text);
            Part root = tree.root();
            if (root == null || root instanceof Part.Text nothing && !nothing.isWritten()) {
                problems.add(Position.START, "", EMPTY);
                return null;
            }
            return root;
        } catch (TreeBuilder.Broken told) {
            return null;
        } catch (RuntimeException unforeseen) {
            // A parser's own mistake must not be more than a document that is refused.
            problems.add(Position.START, "", "can not be read: " + unforeseen);
            return null;
        }
    }

    private static @Nullable String decode(byte[] content, DocumentProblems problems) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer bytes = ByteBuffer.wrap(content);
        CharBuffer chars = CharBuffer.allocate(content.length + 1);
        CoderResult result = decoder.decode(bytes, chars, true);
        String text = chars.flip().toString();
        String unmarked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        if (result.isError()) {
            problems.add(end(unmarked), "", "byte " + bytes.position() + " is no UTF-8 (expected: UTF-8)");
            return null;
        }
        return unmarked;
    }

    private static Position end(String text) {
        int lines = (int) text.chars().filter(c -> c == '\n').count();
        return new Position(lines + 1, text.length() - text.lastIndexOf('\n'));
    }
}
