// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.testkit.LeakCheck;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import okhttp3.Dns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallPartsTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @ParameterizedTest
    @ValueSource(strings = {"4.12.0", "5.3.2", "3.14.9", "unknown"})
    void anOlderOkHttpIsRefusedWithASentence(String version) {
        assertThatThrownBy(() -> OkHttpVersion.require(version))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("OkHttp " + version + " found, 5.4.0 or newer needed")
                .hasMessageContaining("okhttp-jvm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.4.0", "5.10.0", "5.5.1", "6.0.0-alpha.1", "10.0.0"})
    void aNewerOkHttpIsTaken(String version) {
        assertThatCode(() -> OkHttpVersion.require(version)).doesNotThrowAnyException();
    }

    @Test
    void aLinkLocalAddressKeepsItsLink() throws Exception {
        ServiceInstance local = ServiceInstance.builder("orders")
                .id("local")
                .address("local.internal", 80)
                .build();
        Dns found = name -> List.of(InetAddress.getByName("fec0::1%7"));
        InstanceRoute route = new InstanceRoutes(AddressPolicy.defaults()).unpooled(local, "orders", found);
        assertThat(route.lookup("orders")).singleElement().isInstanceOfSatisfying(Inet6Address.class, address -> {
            assertThat(address.getScopeId()).isEqualTo(7);
            assertThat(address.getHostName()).isEqualTo("orders");
        });
    }
}
