// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadOptions;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ten thousand documents, most of them damaged: each is applied whole or refused whole, and the schema says the same. */
class RandomDocumentsTest {
    private static final int DOCUMENTS = 10_000;
    private static final int DAMAGED = 2_000;

    /** What a schema can not say: what names refer to, what several numbers or items say together, and upper bounds of durations. */
    private static final List<Pattern> BEYOND_SCHEMA = List.of(
            Pattern.compile(".*defined: .*"),
            Pattern.compile(".* twice .*"),
            Pattern.compile(".*weights sum to 0.*"),
            Pattern.compile(".*at most 4 decimals.*"),
            Pattern.compile(".* is the only destination .*"),
            Pattern.compile(".*'any' before others.*"),
            Pattern.compile(".*\\(expected: one of \\[adaptive, .*"),
            Pattern.compile(".*regex: .*"),
            Pattern.compile(".*cost: \\d+ \\(expected: 1\\.\\..*"),
            Pattern.compile(".*'[0-9.]+(?:ms|s|m|h)' \\(expected: (?:1ms|0s) to .*"),
            Pattern.compile(".*(?:window|delay): PT.*"));

    private static final Schema SCHEMA =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(RouteDocument.schema());

    @Test
    @Tag("slow") // ten thousand documents, each read, validated and applied
    void eachIsAppliedWholeOrRefusedWholeAndTheSchemaAgrees() {
        VirtualTime time = new VirtualTime();
        SettableSource source = new SettableSource();
        int applied = 0;
        try (Fairlead fairlead = Fairlead.builder(MemoryRegistry.of(List.of()))
                        .environment(time.environment())
                        .build();
                LiveRoutes routes = LiveRoutes.start(fairlead, source)) {
            FairleadOptions code = fairlead.options();
            for (int seed = 0; seed < DOCUMENTS; seed++) {
                RandomDocuments documents = new RandomDocuments(seed);
                ObjectNode right = documents.right();
                JsonNode document = seed % 4 == 0 ? right : documents.wrong(right);
                String text = seed % 3 == 0 ? document.toPrettyString() : document.toString();
                FairleadOptions before = fairlead.options();
                source.set(text);
                boolean isApplied = routes.status().trouble().isEmpty();
                String what = "seed " + seed + ": " + routes.status().trouble() + "\n" + text;
                if (isApplied) {
                    applied++;
                    assertThat(fairlead.options())
                            .as(what)
                            .isEqualTo(RouteDocument.read(bytes(text)).over(code));
                } else {
                    assertThat(fairlead.options()).as(what).isSameAs(before);
                }
                assertThat(isApplied || seed % 4 != 0).as(what).isTrue();
                agrees(document, text, isApplied, what);
                if (seed % 10 == 0 && !text.contains("null")) {
                    readsAsYaml(text, what);
                }
            }
        }
        assertThat(applied).isBetween(DOCUMENTS * 3 / 10, DOCUMENTS * 7 / 10);
    }

    private static void agrees(JsonNode document, String text, boolean isApplied, String what) {
        List<Error> errors = SCHEMA.validate(document);
        if (isApplied) {
            assertThat(errors.stream().map(Error::toString).toList()).as(what).isEmpty();
        } else if (errors.isEmpty()) {
            try {
                RouteDocument unexpected = RouteDocument.read(bytes(text));
                assertThat(unexpected).as(what).isNull();
            } catch (RouteDocumentException refused) {
                assertThat(refused.problems())
                        .as(what)
                        .allMatch(problem -> BEYOND_SCHEMA.stream()
                                .anyMatch(known ->
                                        known.matcher(problem.toString()).matches()));
            }
        }
    }

    /** JSON is YAML, as long as nothing says null, which is a word there. */
    private static void readsAsYaml(String text, String what) {
        String yaml = "---\n" + text;
        try {
            RouteDocument json = RouteDocument.read(bytes(text));
            assertThat(RouteDocument.read(bytes(yaml)).over(FairleadOptions.defaults()))
                    .as(what)
                    .isEqualTo(json.over(FairleadOptions.defaults()));
        } catch (RouteDocumentException refused) {
            assertThat(catchThrowableOfType(RouteDocumentException.class, () -> RouteDocument.read(bytes(yaml))))
                    .as(what)
                    .extracting(RouteDocumentException::total)
                    .isEqualTo(refused.total());
        }
    }

    @Test
    void theSchemaOfTheDocumentationIsTheOneInTheJar() throws IOException {
        assertThat(Files.readString(Path.of("../docs/fairlead-v1.schema.json"))).isEqualTo(RouteDocument.schema());
    }

    /** The one thing our reader takes and the schema does not: all values are texts to us. */
    @Test
    void aNumberInQuotesIsANumber() {
        String text = "{\"apiVersion\": \"fairlead/v1\", \"services\": {\"a\": {\"retries\": {\"attempts\": \"2\"}}}}";
        assertThat(RouteDocument.read(bytes(text))
                        .over(FairleadOptions.defaults())
                        .forService("a")
                        .retries()
                        .attempts())
                .isEqualTo(2);
    }

    /** Whatever bytes come, they are a document or they are refused. */
    @Test
    void bytesThatAreDamagedAreReadOrRefusedAndNeverMore() {
        for (int seed = 0; seed < DAMAGED; seed++) {
            Random random = new Random(seed);
            String text = seed % 2 == 0
                    ? new RandomDocuments(seed).right().toPrettyString()
                    : seed % 4 == 1 ? RouteDocumentTest.HEADERS : RouteDocumentTest.SPLIT;
            byte[] bytes = bytes(text);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte)
                        (random.nextBoolean()
                                ? random.nextInt(256)
                                : "{}[],:'\"&*!#|>%@`-? \n\t".charAt(random.nextInt(22)));
            }
            int length = random.nextInt(3) == 0 ? random.nextInt(bytes.length) : bytes.length;
            try {
                assertThat(RouteDocument.read(Arrays.copyOf(bytes, length)).version())
                        .isNotNull();
            } catch (RouteDocumentException refused) {
                assertThat(refused.total()).isPositive();
                assertThat(refused.getMessage()).doesNotContain("\n").doesNotContain("can not be read");
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
