namespace Kneepoint.Coding.Entropy;

/// <summary>A <see cref="BitReader"/> as a type of its own for the compiler, which then puts its code in place of calls.</summary>
readonly struct ReadingCoder(BitReader reader) : IBitCoder
{
    /// <inheritdoc/>
    public int Code(int bit, uint probability) => reader.Code(bit, probability);

    /// <inheritdoc/>
    public uint CodeEqual(uint value, int bits) => reader.CodeEqual(value, bits);
}

/// <summary>A <see cref="BitWriter"/> as a type of its own.</summary>
readonly struct WritingCoder(BitWriter writer) : IBitCoder
{
    /// <inheritdoc/>
    public int Code(int bit, uint probability) => writer.Code(bit, probability);

    /// <inheritdoc/>
    public uint CodeEqual(uint value, int bits) => writer.CodeEqual(value, bits);
}

/// <summary>Any other coder.</summary>
readonly struct AnyCoder(IBitCoder coder) : IBitCoder
{
    /// <inheritdoc/>
    public int Code(int bit, uint probability) => coder.Code(bit, probability);

    /// <inheritdoc/>
    public uint CodeEqual(uint value, int bits) => coder.CodeEqual(value, bits);
}
