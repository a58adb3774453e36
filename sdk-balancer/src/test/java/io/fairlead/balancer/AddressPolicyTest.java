// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a registry may not make us call (S4 of docs/faults.md). */
class AddressPolicyTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "::ffff:169.254.169.254",
                "64:ff9b::169.254.169.254",
                "2002:a9fe:a9fe::1",
                "::169.254.169.254",
                "64:ff9b::7f00:1",
                "fe80::1",
                "0.0.0.0",
                "::",
                "224.0.0.1",
                "ff02::1",
                "255.255.255.255",
                "fd00:ec2::254",
                "fd00:ec2::23",
                "fd20:ce::254",
                "fd00:c1::a9fe:a9fe",
                "fd00:42::42",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "169.254.170.2",
                "::ffff:100.100.100.200",
                "64:ff9b::100.100.100.200",
                "64:ff9b:1::168.63.129.16",
                "64:ff9b:1:a9fe:a9:fe00::",
                "64:ff9b:1:ff64:64:64c8::",
                "64:ff9b:1:a83f:81:1000::",
                "64:ff9b:1:a9:fe:a9fe::",
                "64:ff9b:1:0:a9:fea9:fe00::",
                "fd00:a9fe:a9fe::1",
                "::ffff:0:100.100.100.200",
                "2002:a83f:8110::1",
                "2001:0:102:304:0:0:9b9b:9b37",
                "2001:db8::5efe:192.0.0.192",
                "2001:db8::200:5efe:192.0.0.192",
                "::100.100.100.200",
                "127.0.0.1",
                "127.1.2.3",
                "::1"
            })
    void neverByDefault(String address) throws Exception {
        assertThat(AddressPolicy.defaults().objection(InetAddress.getByName(address)))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "192.168.1.1",
                "8.8.8.8",
                "2001:db8::1",
                "64:ff9b::808:808",
                "2002:808:808::1",
                "fd00::1",
                "100.100.100.201",
                "100.64.0.1",
                "168.63.129.17",
                "192.0.0.191",
                "64:ff9b:1::808:808",
                "64:ff9b:1:808:8:800::",
                "2001:db8::5efe:808:808"
            })
    void everythingElseIsAllowed(String address) throws Exception {
        assertThat(AddressPolicy.defaults().objection(InetAddress.getByName(address)))
                .isNull();
    }

    @Test
    void networksAndLoopbackOnRequest() throws Exception {
        AddressPolicy policy =
                AddressPolicy.defaults().only("10.0.0.0/8").only("fd00::/8").allowLoopback();
        assertThat(policy.objection(InetAddress.getByName("10.1.1.1"))).isNull();
        assertThat(policy.objection(InetAddress.getByName("fd00::1"))).isNull();
        assertThat(policy.objection(InetAddress.getByName("127.0.0.1"))).isNull();
        assertThat(policy.objection(InetAddress.getByName("192.168.1.1"))).contains("outside [10.0.0.0/8");
    }

    @Test
    void aRefusedInstanceHidesNobodyAndIsToldOfOnce() {
        Fairlead fairlead = start(at("good", "10.0.0.1"), at("evil", "169.254.169.254"));
        assertThat(fairlead.acquire("orders", PickContext.none()).instance().id())
                .isEqualTo("good");
        assertThat(fairlead.status("orders").instances()).hasSize(1);
        registry.lists(List.of(at("evil", "169.254.169.254"), at("other", "10.0.0.2")));
        assertThat(events.events("rejected orders evil")).hasSize(1);
    }

    @Test
    void theErrorSaysHowLoopbackIsAllowed() {
        Fairlead fairlead = start(at("local", "127.0.0.1"));
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()))
                .isInstanceOf(NoInstanceException.class)
                .hasMessageContaining("local at 127.0.0.1:80: loopback address")
                .hasMessageContaining("allowLoopback()");
    }

    private Fairlead start(ServiceInstance... instances) {
        registry.lists(List.of(instances));
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(1, events))
                .build();
        return fairlead;
    }

    private static ServiceInstance at(String id, String host) {
        return ServiceInstance.builder("orders").id(id).address(host, 80).build();
    }
}
