// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.consul.ListedNames.Key;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What entries are called, whoever else is listed. */
class ListedNamesTest {
    private static final Key N1 = new Key("n1", "orders");
    private static final Key N2 = new Key("n2", "orders");
    private static final Key A1 = new Key("n1", "orders-8080");
    private static final Key A2 = new Key("n2", "orders-8080");
    private static final Key A3 = new Key("n3", "orders-8080");

    private final ListedNames names = new ListedNames("orders");

    @Test
    void theDefaultIdCarriesItsNodeAlsoWhenItIsAlone() {
        assertThat(names.name(keys(N1))).containsEntry(N1, "orders@n1");
        assertThat(names.name(keys(N2, N1))).containsEntry(N1, "orders@n1").containsEntry(N2, "orders@n2");
        assertThat(names.name(keys(N2))).containsEntry(N2, "orders@n2");
    }

    @Test
    void anIdOfItsOwnStandsAsItIs() {
        assertThat(names.name(keys(A1))).containsEntry(A1, "orders-8080");
    }

    @Test
    void whoLeavesOrComesChangesNobodysName() {
        Map<Key, String> first = names.name(keys(A1, A2));
        assertThat(first).containsEntry(A1, "orders-8080@n1").containsEntry(A2, "orders-8080@n2");
        assertThat(names.name(keys(A2))).containsEntry(A2, "orders-8080@n2");
        assertThat(names.name(keys(A3, A2, A1))).containsAllEntriesOf(first).containsEntry(A3, "orders-8080@n3");
    }

    @Test
    void whoWasAloneStaysWhoItWasWhenATwinComes() {
        names.name(keys(A1));
        assertThat(names.name(keys(A2, A1))).containsEntry(A1, "orders-8080").containsEntry(A2, "orders-8080@n2");
    }

    @Test
    void orderDoesNotMatter() {
        Set<Key> all = keys(A1, N2, A3, N1, A2, new Key("n1", "orders@n2"));
        Set<Key> turned = keys(new Key("n1", "orders@n2"), A2, N1, A3, N2, A1);
        assertThat(names.name(all)).isEqualTo(new ListedNames("orders").name(turned));
    }

    @Test
    void aMadeUpNameTakesNobodysId() {
        Key named = new Key("n3", "orders@n2");
        Map<Key, String> given = names.name(keys(N1, N2, named));
        assertThat(given).hasSize(3).containsEntry(named, "orders@n2").containsEntry(N1, "orders@n1");
        assertThat(given.values()).doesNotHaveDuplicates();
        assertThat(names.name(keys(N2, N1))).containsEntry(N2, given.get(N2));
    }

    @Test
    void anIdThatNoneMayHaveIsSpeltSoThatOneMay() {
        Key chinese = new Key("n1", "订单 1");
        Key lineEnd = new Key("n1", "o\n1");
        Key literal = new Key("n2", "o\\u000a1");
        Key endless = new Key("n1", "x".repeat(5_000));
        Map<Key, String> given = names.name(keys(chinese, lineEnd, literal, endless));
        assertThat(given).hasSize(4).containsEntry(chinese, "订单 1").containsEntry(literal, "o\\u000a1");
        assertThat(given.values()).doesNotHaveDuplicates().allMatch(name -> name.matches("\\P{Cntrl}{1,1000}"));
    }

    @Test
    void whoLeftIsForgottenAfterMany() {
        for (int i = 0; i < 10_000; i++) {
            names.name(keys(new Key("n1", "a" + i), new Key("n2", "a" + i)));
        }
        assertThat(names.remembered()).isLessThan(300);
    }

    private static Set<Key> keys(Key... keys) {
        return new LinkedHashSet<>(Arrays.asList(keys));
    }
}
