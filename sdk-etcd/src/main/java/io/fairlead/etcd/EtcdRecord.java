// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.PutOption;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistrationBackend;
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
    private final OwnKeyWatch own;
    private long lease = NONE;

    EtcdRecord(
            EtcdConnection connection, ByteSequence key, ValueCodec codec, long ttlSeconds, Environment environment) {
        this.connection = connection;
        this.key = key;
        this.codec = codec;
        this.ttlSeconds = ttlSeconds;
        this.own = new OwnKeyWatch(connection, key, environment);
    }

    @Override
    public void onLost(Runnable look) {
        own.onLost(look);
    }

    @Override
    public void write(ServiceInstance instance) {
        ByteSequence value = encoded(instance);
        boolean fresh = lease == NONE;
        if (fresh) {
            grant();
        }
        try {
            put(value);
        } catch (RegistryException failure) {
            if (fresh) {
                giveBack();
                throw failure;
            }
            if (failure.reason() != RegistryException.Reason.REJECTED) {
                throw failure;
            }
            grant();
            put(value);
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
                return isStillWatched(instance);
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
                && found.get(0).getValue().equals(encoded(instance));
    }

    @Override
    public void remove() {
        own.close();
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

    /** What happened while nobody watched is looked for once. */
    private boolean isStillWatched(ServiceInstance instance) {
        if (own.isWatched()) {
            return true;
        }
        own.watchFrom(0);
        return isIntact(instance);
    }

    private void grant() {
        own.close();
        lease = connection
                .askNow(client -> client.getLeaseClient().grant(ttlSeconds))
                .getID();
    }

    /** A registration that failed leaves nothing: a put that is still under way is refused without its lease. */
    private void giveBack() {
        long ours = lease;
        lease = NONE;
        var unused = connection.ask(client -> client.getLeaseClient().revoke(ours));
    }

    private void put(ByteSequence value) {
        PutOption underLease = PutOption.builder().withLeaseId(lease).build();
        own.writing(lease, value);
        long revision = connection
                .askNow(client -> client.getKVClient().put(key, value, underLease))
                .getHeader()
                .getRevision();
        if (!own.isWatched()) {
            try {
                own.watchFrom(revision);
            } catch (Throwable later) {
                // It is written, which is what counts; the next sign of life begins the watch.
            }
        }
    }

    private ByteSequence encoded(ServiceInstance instance) {
        byte[] value;
        try {
            value = codec.encode(instance);
        } catch (Exception | StackOverflowError | LinkageError bad) {
            throw new RegistryException(
                    RegistryException.Reason.REJECTED,
                    "the codec can not write '" + instance.id() + "' of '" + instance.service() + "': " + bad,
                    bad);
        }
        if (value.length > ValueCodec.MAX_BYTES) {
            throw new RegistryException(
                    RegistryException.Reason.REJECTED,
                    "the value of '" + instance.id() + "' of '" + instance.service() + "' has " + value.length
                            + " bytes (expected: at most " + ValueCodec.MAX_BYTES + ")");
        }
        return ByteSequence.from(value);
    }
}
