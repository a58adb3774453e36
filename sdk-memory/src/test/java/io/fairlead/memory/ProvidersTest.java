// SPDX-License-Identifier: Apache-2.0
package io.fairlead.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Registry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistryProvider;
import io.fairlead.spi.kit.Providers;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Providers are found whatever loader the calling thread has. */
class ProvidersTest {
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final List<Throwable> broken = new ArrayList<>();

    @AfterEach
    void restore() {
        Thread.currentThread().setContextClassLoader(before);
    }

    @Test
    void aThreadWhoseLoaderKnowsNothingFindsTheSame() {
        Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try (Registry registry = Registry.connect("memory:a")) {
            assertThat(registry.description()).isEqualTo("memory a");
        }
        Thread.currentThread().setContextClassLoader(null);
        try (Registry registry = Registry.connect("memory:a")) {
            assertThat(registry.description()).isEqualTo("memory a");
        }
    }

    @Test
    void aCopyOfTheInterfaceBehindAnotherLoaderIsPassedOver() throws Exception {
        URL api = RegistryProvider.class.getProtectionDomain().getCodeSource().getLocation();
        URL memory = MemoryRegistryProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation();
        try (URLClassLoader copy = new URLClassLoader(new URL[] {api, memory}, ClassLoader.getPlatformClassLoader())) {
            Thread.currentThread().setContextClassLoader(copy);
            assertThat(Providers.of(RegistryProvider.class, broken::add))
                    .hasExactlyElementsOfTypes(MemoryRegistryProvider.class);
        }
    }

    @Test
    void aBrokenProviderIsToldByNameAndTakesNobodyWithIt(@TempDir Path folder) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(RegistryProvider.class.getName()),
                "io.fairlead.memory.NoSuchProvider\n" + Broken.class.getName() + "\n" + Good.class.getName() + "\n");
        try (URLClassLoader context =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(context);
            List<RegistryProvider> found = Providers.of(RegistryProvider.class, broken::add);
            assertThat(found).hasExactlyElementsOfTypes(MemoryRegistryProvider.class, Good.class);
            assertThat(broken).hasSize(2);
            assertThat(broken.get(0)).hasMessageContaining("NoSuchProvider");
            assertThat(broken.get(1)).hasMessageContaining("Broken");
        }
    }

    /** Finds no library. */
    public static final class Broken implements RegistryProvider {
        /** Fails. */
        public Broken() {
            throw new NoClassDefFoundError("com/example/Missing");
        }

        @Override
        public String scheme() {
            return "broken";
        }

        @Override
        public Registry open(URI uri, Environment environment) {
            throw new UnsupportedOperationException();
        }
    }

    /** Stands after the broken ones. */
    public static final class Good implements RegistryProvider {
        /** For the loader. */
        public Good() {}

        @Override
        public String scheme() {
            return "good";
        }

        @Override
        public Registry open(URI uri, Environment environment) {
            throw new UnsupportedOperationException();
        }
    }
}
