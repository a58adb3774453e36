// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.ServiceInstance;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Entries as other tools write them: whoever can be reached is used. */
class OthersDataTest {
    private final List<String> rejected = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();

    @Test
    void aLongTagIsKeptAndOneWithALineEndIsLeftOutAndTold() {
        String rule = "traefik.rule=" + "r".repeat(462);
        ServiceInstance read = one("\"Tags\":[\"" + rule + "\",\"a\\nb\",\"good\",\"\"]");
        assertThat(read.tags()).containsExactly(rule, "good");
        assertThat(leftOut).hasSize(1);
    }

    @Test
    void eightyTagsAndMetadataEntriesAreKept() {
        String tags = IntStream.range(0, 80).mapToObj(i -> "\"t" + i + "\"").collect(Collectors.joining(","));
        String meta =
                IntStream.range(0, 80).mapToObj(i -> "\"k" + i + "\":\"v\"").collect(Collectors.joining(","));
        ServiceInstance read = one("\"Tags\":[" + tags + "],\"Meta\":{" + meta + "}");
        assertThat(read.tags()).hasSize(80);
        assertThat(read.metadata()).hasSize(80);
        assertThat(leftOut).isEmpty();
    }

    @Test
    void aSchemeThatIsNoneCountsAsNotGiven() {
        assertThat(one("\"Meta\":{\"scheme\":\"\"}").scheme()).isEqualTo("http");
        assertThat(leftOut).isEmpty();
        assertThat(one("\"Meta\":{\"scheme\":\"HTTP/1.1\"}").scheme()).isEqualTo("http");
        assertThat(leftOut).hasSize(1);
        assertThat(one("\"Meta\":{\"scheme\":\"HTTPS\"}").scheme()).isEqualTo("https");
    }

    @Test
    void aVersionAZoneOrAValueThatCanNotBeRepresentedIsLeftOut() {
        ServiceInstance read = one("\"Meta\":{\"version\":\"" + "9".repeat(300) + "\",\"zone\":\"a\\u0085b\",\"k\":\""
                + "v".repeat(70_000) + "\",\"a key\":\"v\",\"n\":null,\"ok\":\"v\"}");
        assertThat(read.version()).hasSize(300);
        assertThat(read.zone()).isNull();
        assertThat(read.metadata()).containsOnlyKeys("a key", "n", "ok");
        assertThat(leftOut).hasSize(2);
    }

    @Test
    void aHostMayEndWithTheRootsDot() {
        assertThat(read(entry("a", "shop.example.", "")).get(0).host()).isEqualTo("shop.example");
        assertThat(read(entry("a", "shop_orders_1", "")).get(0).host()).isEqualTo("shop_orders_1");
    }

    @Test
    void anOddEntryTakesNobodyWithIt() {
        List<ServiceInstance> read =
                read(entry("a", "10.0.0.1", "") + ",{},null,7,{\"Service\":null}," + entry("b", "u:p@evil", "") + ","
                        + entry("c", "10.0.0.2", "\"Port\":0") + "," + entry("d", "10.0.0.4", ""));
        assertThat(read).extracting(ServiceInstance::id).containsExactly("a", "d");
        assertThat(rejected).hasSize(6);
    }

    private ServiceInstance one(String more) {
        List<ServiceInstance> read = read(entry("a", "10.0.0.1", more));
        assertThat(rejected).isEmpty();
        return read.get(0);
    }

    private List<ServiceInstance> read(String entries) {
        return HealthAnswer.of(("[" + entries + "]").getBytes(StandardCharsets.UTF_8))
                .instances(
                        "orders",
                        new ListedNames("orders"),
                        (entry, reason) -> rejected.add(entry + ": " + reason),
                        (entry, what) -> leftOut.add(entry + ": " + what));
    }

    private static String entry(String id, String host, String more) {
        return "{\"Node\":{\"Node\":\"n1\"},\"Service\":{\"ID\":\"" + id + "\",\"Address\":\"" + host + "\",\"Port\":80"
                + (more.isEmpty() ? "" : "," + more) + "}}";
    }
}
