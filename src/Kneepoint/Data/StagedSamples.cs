namespace Kneepoint.Data;

/// <summary>Consecutive samples of a part after decoding and before conversion to the network's type.</summary>
sealed class StagedSamples(int capacity, IReadOnlyList<int> inputBytes, int targetBytes)
{
    /// <summary>By input: the samples one after the other.</summary>
    public byte[][] Inputs { get; } = [.. inputBytes.Select(bytes => new byte[checked(bytes * capacity)])];

    /// <summary>The targets one after the other.</summary>
    public byte[] Targets { get; } = new byte[checked(targetBytes * capacity)];

    /// <summary>The samples' indices in their source.</summary>
    public long[] Indices { get; } = new long[capacity];

    /// <summary>The samples held.</summary>
    public int Count { get; set; }

    /// <summary>The bytes of a sample of an input.</summary>
    public Span<byte> Input(int input, int sample) => Inputs[input].AsSpan(sample * inputBytes[input], inputBytes[input]);

    /// <summary>The bytes of some samples of an input.</summary>
    public ReadOnlySpan<byte> Input(int input, int start, int count) => Inputs[input].AsSpan(start * inputBytes[input], count * inputBytes[input]);

    /// <summary>The bytes of a sample's target.</summary>
    public Span<byte> Target(int sample) => Targets.AsSpan(sample * targetBytes, targetBytes);

    /// <summary>The bytes of some samples' targets.</summary>
    public ReadOnlySpan<byte> Target(int start, int count) => Targets.AsSpan(start * targetBytes, count * targetBytes);

    /// <summary>Moves a sample into a place before it.</summary>
    public void Move(int from, int to)
    {
        if (from == to) return;
        for (int input = 0; input < Inputs.Length; input++) Input(input, from).CopyTo(Input(input, to));
        Target(from).CopyTo(Target(to));
        Indices[to] = Indices[from];
    }
}

/// <summary>Some of the samples, next to each other.</summary>
/// <param name="Staged">The samples.</param>
/// <param name="Start">The first.</param>
/// <param name="Count">How many.</param>
readonly record struct StagedRun(StagedSamples Staged, int Start, int Count);
