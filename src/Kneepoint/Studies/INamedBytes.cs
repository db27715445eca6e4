using System.Collections.Concurrent;

namespace Kneepoint.Studies;

/// <summary>A cache of bytes by name.</summary>
public interface INamedBytes
{
    /// <summary>The bytes stored under a name; null if there are none.</summary>
    byte[]? Get(string name);

    /// <summary>Stores bytes under a name, replacing what was there; atomic and durable on return where the cache outlives the process.</summary>
    void Put(string name, ReadOnlySpan<byte> value);
}

/// <summary>A cache that is gone with the process.</summary>
sealed class BytesInMemory : INamedBytes
{
    readonly ConcurrentDictionary<string, byte[]> _bytes = new(StringComparer.Ordinal);

    /// <summary>Bytes in all.</summary>
    public long Length => _bytes.Values.Sum(value => (long)value.Length);

    public byte[]? Get(string name) => _bytes.GetValueOrDefault(name);

    public void Put(string name, ReadOnlySpan<byte> value) => _bytes[name] = value.ToArray();
}
