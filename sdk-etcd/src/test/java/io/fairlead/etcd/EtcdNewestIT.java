// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.testkit.server.EtcdServer;

/** The contract on the newest etcd there is. */
class EtcdNewestIT extends EtcdRegistryIT {
    @Override
    EtcdServer server() {
        return EtcdServer.startNewest();
    }
}
