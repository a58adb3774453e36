// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TreeReaderTest {
    private final DocumentProblems problems = new DocumentProblems();

    @Test
    void everyScalarIsTextAndHasItsPlace() {
        Part part = read("version: 1.10\non: no\n  \nlist: [0x1f, ~, 'a b']\n");
        assertThat(plain(part)).isEqualTo(Map.of("version", "1.10", "on", "no", "list", List.of("0x1f", "~", "a b")));
        assertThat(problems()).isEmpty();
        Part.Field list = ((Part.Fields) part).fields().get("list");
        assertThat(list.at()).hasToString("4:1");
        assertThat(((Part.Items) list.value()).items().get(2).place()).hasToString("4:17");
    }

    @Test
    void jsonIsReadAsItIsWrittenWithTabsToo() {
        Part part = read("{\"version\": 1.10,\n\t\"on\": false,\n\t\"list\": [\n\t1e3, \"~\", \"\\u0041\"]}");
        assertThat(plain(part)).isEqualTo(Map.of("version", "1.10", "on", "false", "list", List.of("1e3", "~", "A")));
        assertThat(((Part.Fields) part).fields().get("list").at()).hasToString("3:2");
    }

    @Test
    void whatIsNotWrittenIsKnownFromAnEmptyText() {
        Part.Fields yaml = (Part.Fields) read("a:\nb: ''\n");
        Part.Fields json = (Part.Fields) read("{\"a\": null, \"b\": \"\"}");
        for (Part.Fields fields : List.of(yaml, json)) {
            assertThat(((Part.Text) fields.fields().get("a").value()).isWritten())
                    .isFalse();
            assertThat(((Part.Text) fields.fields().get("b").value()).isWritten())
                    .isTrue();
        }
    }

    @Test
    void aKeyThatStandsTwiceIsRefusedWithThePlaceOfTheFirst() {
        read("services:\n  a: {x: 1}\n  b: 2\n  a: {y: 1, y: 2}\n");
        assertThat(problems())
                .containsExactly("4:3 services.a: twice (first at 2:3)", "4:13 services.a.y: twice (first at 4:7)");
        assertThat(refused("{\"a\": 1,\n \"a\": 2}")).containsExactly("2:2 a: twice (first at 1:2)");
    }

    @Test
    void aliasesAnchorsAndTagsAreRefusedAllOfThem() {
        read("a: &x {b: 1}\nc: *x\nd: !!str 1\ne: !java {}\n");
        assertThat(problems())
                .containsExactly(
                        "1:4 : anchor '&x' at 1:4 (expected: no aliases, anchors or tags)",
                        "2:4 : alias '*x' at 2:4 (expected: no aliases, anchors or tags)",
                        "3:4 : tag 'tag:yaml.org,2002:str' at 3:4 (expected: no aliases, anchors or tags)",
                        "4:4 : tag '!java' at 4:4 (expected: no aliases, anchors or tags)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n\t", "# nothing\n", "---\n", "---\n...\n", "\ufeff"})
    void anEmptyDocumentIsRefusedAndSaysHowToRemoveAllRules(String text) {
        assertThat(refused(text))
                .containsExactly("1:1 : empty (expected: a document; to remove all rules write 'services: {}')");
    }

    @Test
    void aSecondDocumentIsRefused() {
        assertThat(refused("a: 1\n---\nb: 2\n")).containsExactly("2:1 : a second document (expected: one)");
        assertThat(refused("{\"a\": 1}\n{\"b\": 2}"))
                .containsExactly("2:1 : more after the document (expected: its end)");
        assertThat(plain(read("---\na: 1\n...\n"))).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void jsonThatIsCutShortIsRefusedWhereverItIsCut() {
        String whole = "{\"apiVersion\": \"fairlead/v1\", \"services\": {\"a\": {\"rules\": [{\"x\": 1}]}}}";
        for (int length = 1; length < whole.length(); length++) {
            DocumentProblems cut = new DocumentProblems();
            assertThat(TreeReader.read(bytes(whole.substring(0, length)), cut)).isNull();
            assertThat(cut.list()).hasSize(1);
            assertThat(cut.list().get(0).message()).startsWith("no JSON: ");
        }
        assertThat(refused("{\"a\": {\"b\": 1}"))
                .containsExactly("1:15 : no JSON: cut short (expected: the end of what has begun)");
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheDocumentAndOtherEncodingsAreRefused() {
        assertThat(plain(read("\ufeffa: ä"))).isEqualTo(Map.of("a", "ä"));
        assertThat(plain(read("\ufeff{\"a\": \"ä\"}"))).isEqualTo(Map.of("a", "ä"));
        DocumentProblems latin = new DocumentProblems();
        assertThat(TreeReader.read("a: 1\nb: ä".getBytes(StandardCharsets.ISO_8859_1), latin))
                .isNull();
        assertThat(lines(latin)).containsExactly("2:4 : byte 8 is no UTF-8 (expected: UTF-8)");
        DocumentProblems utf16 = new DocumentProblems();
        assertThat(TreeReader.read("a: 1".getBytes(StandardCharsets.UTF_16), utf16))
                .isNull();
        assertThat(utf16.total()).isEqualTo(1);
        DocumentProblems utf16WithoutMark = new DocumentProblems();
        assertThat(TreeReader.read("a: 1".getBytes(StandardCharsets.UTF_16LE), utf16WithoutMark))
                .isNull();
        assertThat(utf16WithoutMark.total()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "- ", "{a: ", "? ", "a:\n"})
    void whatIsTooDeepIsRefusedBeforeAnythingOverflows(String opening) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            text.append(opening.equals("a:\n") ? " ".repeat(Math.min(i, 200)) : "")
                    .append(opening);
        }
        assertThat(refused(text.toString())).hasSize(1);
    }

    @Test
    void thirtyTwoLevelsAreRead() {
        assertThat(plain(read("[".repeat(32) + "]".repeat(32)))).isNotNull();
        assertThat(refused("[".repeat(33) + "]".repeat(33)))
                .containsExactly("1:33 " + "[0]".repeat(32) + ": deeper than 32 (expected: what the grammar has)");
    }

    @Test
    void whatIsTooLongIsRefused() {
        assertThat(refused("#".repeat((1 << 20) + 1)))
                .containsExactly("1:1 : 1048577 bytes (expected: at most 1048576)");
        assertThat(plain(read("a: 1\n" + "#".repeat((1 << 20) - 5)))).isEqualTo(Map.of("a", "1"));
    }

    /** A parser that is quadratic in any of these would hang here. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "- a\n", "a, ", "[], ", "\"a\\n", "a:\n", "\n", "&a ", "a: b: ", "%a\n", "}", "!"})
    void noDocumentTakesLong(String again) {
        StringBuilder text = new StringBuilder(again.contains(",") ? "a: [" : "");
        while (text.length() + again.length() < 1 << 18) {
            text.append(again);
        }
        DocumentProblems some = new DocumentProblems();
        Part part = TreeReader.read(bytes(text.toString()), some);
        assertThat(part != null && some.isEmpty() || some.total() > 0).isTrue();
        assertThat(lines(some)).allMatch(line -> line.length() < 2_000);
    }

    @Test
    void whatIsNoYamlSaysWhereAndWhy() {
        assertThat(refused("a: 1\nb: [1, 2\nc: 3\n"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("3:2 b[2]: no YAML: ");
        assertThat(refused("a:\n\t- b\n")).hasSize(1).first().asString().startsWith("2:1 a: no YAML: ");
        assertThat(refused("? [a]\n: b\n"))
                .containsExactly("1:3 : a key that is an object or a list (expected: a word)");
    }

    @Test
    void noMessageForgesALine() {
        assertThat(refused("{\"a\\nWARN\": 1, \"a\\nWARN\": 2}")).containsExactly("1:16 a?WARN: twice (first at 1:2)");
    }

    private Part read(String text) {
        return TreeReader.read(bytes(text), problems);
    }

    private static List<String> refused(String text) {
        DocumentProblems found = new DocumentProblems();
        TreeReader.read(bytes(text), found);
        return lines(found);
    }

    private List<String> problems() {
        return lines(problems);
    }

    private static List<String> lines(DocumentProblems problems) {
        return problems.list().stream()
                .map(problem -> problem.place() + " " + problem.path() + ": " + problem.message())
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Object plain(Part part) {
        if (part instanceof Part.Fields fields) {
            return fields.fields().entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, field -> plain(field.getValue().value())));
        }
        if (part instanceof Part.Items items) {
            return items.items().stream().map(TreeReaderTest::plain).toList();
        }
        return ((Part.Text) part).text();
    }
}
