// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.PutOption;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.RegistrationBackend;
import java.util.Arrays;
import java.util.List;

/**
 * One instance under a lease of its own. The lease is kept through an outage, since etcd extends all leases when it comes
 * back; only when etcd does not know it any more is a new one granted. Renewed by single requests: the client's own
 * keep-alive stream gives up after one time to live of silence.
 */
final class EtcdRecord implements RegistrationBackend {
    private static final long NONE = 0;

    private final EtcdConnection connection;
    private final ByteSequence key;
    private final ValueCodec codec;
    private final long ttlSeconds;
    private long lease = NONE;

    EtcdRecord(EtcdConnection connection, ByteSequence key, ValueCodec codec, long ttlSeconds) {
        this.connection = connection;
        this.key = key;
        this.codec = codec;
        this.ttlSeconds = ttlSeconds;
    }

    @Override
    public void write(ServiceInstance instance) {
        boolean fresh = lease == NONE;
        if (fresh) {
            grant();
        }
        try {
            put(instance);
        } catch (RegistryException failure) {
            if (fresh || failure.reason() != RegistryException.Reason.REJECTED) {
                throw failure;
            }
            grant();
            put(instance);
        }
    }

    @Override
    public boolean beat(ServiceInstance instance) {
        if (lease == NONE) {
            return false;
        }
        try {
            long left = connection
                    .askNow(client -> client.getLeaseClient().keepAliveOnce(lease))
                    .getTTL();
            if (left > 0) {
                return true;
            }
        } catch (RegistryException failure) {
            if (failure.reason() != RegistryException.Reason.REJECTED) {
                throw failure;
            }
        }
        lease = NONE;
        return false;
    }

    @Override
    public boolean isIntact(ServiceInstance instance) {
        List<KeyValue> found =
                connection.askNow(client -> client.getKVClient().get(key)).getKvs();
        return found.size() == 1
                && found.get(0).getLease() == lease
                && Arrays.equals(found.get(0).getValue().getBytes(), codec.encode(instance));
    }

    @Override
    public void remove() {
        long ours = lease;
        lease = NONE;
        if (ours == NONE) {
            connection.askNow(client -> client.getKVClient().delete(key));
            return;
        }
        try {
            connection.askNow(client -> client.getLeaseClient().revoke(ours));
        } catch (RegistryException failure) {
            if (failure.reason() != RegistryException.Reason.REJECTED) {
                throw failure;
            }
        }
    }

    private void grant() {
        lease = connection
                .askNow(client -> client.getLeaseClient().grant(ttlSeconds))
                .getID();
    }

    private void put(ServiceInstance instance) {
        PutOption underLease = PutOption.builder().withLeaseId(lease).build();
        ByteSequence value = ByteSequence.from(codec.encode(instance));
        connection.askNow(client -> client.getKVClient().put(key, value, underLease));
    }
}
