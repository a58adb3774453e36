// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.drill;

import io.fairlead.testkit.server.ConsulServer;
import io.fairlead.testkit.server.EtcdServer;

/** A registry of a drill that can be taken away and given back. */
interface Outage extends AutoCloseable {
    String uri();

    void kill();

    void restart();

    void pause();

    void resume();

    @Override
    void close();

    static Outage of(String registry) {
        return registry.equals("consul") ? consul() : etcd();
    }

    private static Outage consul() {
        ConsulServer server = ConsulServer.start(new ConsulServer.Options(false, null, null, null));
        return new Outage() {
            @Override
            public String uri() {
                return server.uri();
            }

            @Override
            public void kill() {
                server.kill();
            }

            @Override
            public void restart() {
                server.restart();
            }

            @Override
            public void pause() {
                server.pause();
            }

            @Override
            public void resume() {
                server.resume();
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }

    private static Outage etcd() {
        EtcdServer server = EtcdServer.start();
        return new Outage() {
            @Override
            public String uri() {
                return server.uri();
            }

            @Override
            public void kill() {
                server.kill();
            }

            @Override
            public void restart() {
                server.restart();
            }

            @Override
            public void pause() {
                server.pause();
            }

            @Override
            public void resume() {
                server.resume();
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }
}
