// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.api.ServiceInstance;
import java.util.function.Consumer;

/**
 * How an instance stands in a value; the key carries service and id. Must be safe for any thread. An encoding must be the
 * same each time, as a record that reads back differently is written again.
 */
public interface ValueCodec {
    /** Largest value that is written or read: 1 MiB, below what etcd takes in one request. */
    int MAX_BYTES = 1 << 20;

    /** The value of an instance, its status included if the format has a place for it. */
    byte[] encode(ServiceInstance instance);

    /**
     * The instance of a value.
     *
     * @param idOfKey the id the key carries, for a value that names none
     * @throws IllegalArgumentException when the value is no instance; says why. Only this entry is rejected then, and
     *     with anything else that is thrown, or null
     */
    ServiceInstance decode(String service, String idOfKey, byte[] value);

    /**
     * As the other, telling what was left out of an instance or changed because it can not be represented; this is the
     * one that is called. By default nothing is told. {@link ServiceInstance#reader} leaves out and tells.
     *
     * @param onLeftOut hears what, the value given and what was expected
     * @throws IllegalArgumentException as the other
     */
    default ServiceInstance decode(String service, String idOfKey, byte[] value, Consumer<String> onLeftOut) {
        return decode(service, idOfKey, value);
    }

    /**
     * The default: {@code {"Op":0,"Addr":"host:port","Metadata":{…}}}, what Go's official {@code naming/endpoints} writes
     * and reads, so that Go services and ours see each other; our own fields stand in {@code Metadata}.
     */
    static ValueCodec naming() {
        return new NamingCodec();
    }

    /** A bare {@code host:port}, as go-zero writes; everything else has its default, and draining can not be told. */
    static ValueCodec address() {
        return new AddressCodec();
    }
}
