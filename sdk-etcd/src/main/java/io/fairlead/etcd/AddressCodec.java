// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fairlead.api.ServiceInstance;
import java.util.function.Consumer;

/** A bare {@code host:port}. */
final class AddressCodec implements ValueCodec {
    private static final int MAX_BYTES = 300;

    AddressCodec() {}

    @Override
    public byte[] encode(ServiceInstance instance) {
        return instance.authority().getBytes(US_ASCII);
    }

    @Override
    public ServiceInstance decode(String service, String idOfKey, byte[] value) {
        return decode(service, idOfKey, value, leftOut -> {});
    }

    @Override
    public ServiceInstance decode(String service, String idOfKey, byte[] value, Consumer<String> onLeftOut) {
        if (value.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "value of " + value.length + " bytes (expected: host:port, at most " + MAX_BYTES + ")");
        }
        ServiceInstance.Builder builder =
                ServiceInstance.reader(service, onLeftOut).id(idOfKey);
        HostAndPort.set(builder, new String(value, US_ASCII));
        return builder.build();
    }
}
